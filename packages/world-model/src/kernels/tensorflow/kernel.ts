import * as tf from '@tensorflow/tfjs';
import type { RunOp } from './tensorflow-backend.js';

/** Inputs by name; an optional one is absent. */
export type KernelInputs = Readonly<Record<string, tf.TensorInfo>>;

/** A kernel of the TensorFlow backend; the tensors it returns are its outputs, all others it has disposed of. */
export type TensorflowKernel = (
  run: RunOp,
  inputs: KernelInputs,
  attributes: Readonly<Record<string, unknown>>,
) => tf.Tensor[];

export function inputsNamed(inputs: KernelInputs, names: readonly string[]): tf.TensorInfo[] {
  return names.map((name) => inputNamed(inputs, name));
}

export function inputNamed(inputs: KernelInputs, name: string): tf.TensorInfo {
  const tensor = inputs[name];
  if (tensor === undefined) throw new Error(`kernel input '${name}' is missing`);
  return tensor;
}

/** Calls `use` with tensors that live only that long. */
export function withTensors<const Tensors extends readonly tf.Tensor[]>(
  tensors: Tensors,
  use: (tensors: Tensors) => tf.Tensor[],
): tf.Tensor[] {
  try {
    return use(tensors);
  } finally {
    tf.dispose([...tensors]);
  }
}
