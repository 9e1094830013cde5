import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { sizeOf } from '../shapes.js';

/** A compute shader in WGSL. It reads and writes flat arrays, whatever the shapes of the tensors. */
export interface WebgpuProgram {
  /** Tells shaders apart: two programs of one key must have the same code. */
  readonly key: string;
  /** Inputs by name, in the order of the tensors: `array<f32>` or `array<i32>`; the output is `result`. */
  readonly inputs: readonly string[];
  /** Elements of the output, float32. */
  readonly outputLength: number;
  readonly groups: number;
  /** Threads of a group; `localIndex` counts them. */
  readonly threads: number;
  /**
   * Integers that may change from call to call. The code must read `uniforms.<name>` of one at least: WebGPU leaves out a
   * block of uniforms that no code reads, and tfjs binds it all the same.
   */
  readonly uniforms: Readonly<Record<string, number>>;
  /** `fn main(index : i32)`, index counting threads over all groups; some groups beyond the last may run too. */
  readonly code: string;
}

type RunProgram = (
  program: object,
  inputs: readonly tf.TensorInfo[],
  dtype: string,
  uniforms: readonly object[],
) => tf.TensorInfo;

const runProgram = z.custom<RunProgram>((value) => typeof value === 'function');

/** Runs a shader on the current backend, webgpu: a float32 tensor of shape `[outputLength]`. */
export function runWebgpuProgram(
  { key, inputs, outputLength, groups, threads, code, uniforms }: WebgpuProgram,
  tensors: readonly tf.TensorInfo[],
): tf.Tensor {
  const backend = tf.backend();
  // The form in which tfjs 4.22 takes its own programs.
  const program = {
    variableNames: inputs,
    outputShape: [outputLength],
    dispatchLayout: { x: [0] },
    dispatch: [groups, 1, 1],
    workgroupSize: [threads, 1, 1],
    shaderKey: key,
    uniforms: Object.keys(uniforms)
      .map((name) => `${name} : i32, `)
      .join(''),
    getUserCode: () => code,
  };
  const flat = tensors.map(({ dataId, dtype, shape }) => ({ dataId, dtype, shape: [sizeOf(shape)] }));
  const values = Object.values(uniforms).map((value) => ({ type: 'int32', data: [value | 0] }));
  const run = runProgram.parse(Reflect.get(backend, 'runWebGPUProgram'));
  const info = run.call(backend, program, flat, 'float32', values);
  return tf.engine().makeTensorFromTensorInfo(info);
}
