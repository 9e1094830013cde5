import type * as tf from '@tensorflow/tfjs';
import { type KernelInputs, requiredInput } from '../named-kernel.js';
import { runWebgpuProgram } from './webgpu-program.js';

const THREADS = 64;

/** Formulas in the files of the same ops; erf as in assembly/error-function.ts. */
const FUNCTIONS = `
  fn sigmoid(v : f32) -> f32 { return 1.0 / (1.0 + exp(-clamp(v, -80.0, 80.0))); }
  fn silu(v : f32) -> f32 { return v * sigmoid(v); }
  fn siluDerivative(v : f32) -> f32 {
    let s = sigmoid(v);
    return s * (v * (1.0 - s) + 1.0);
  }
  fn softplus(v : f32) -> f32 {
    let u = exp(-abs(v));
    return max(v, 0.0) + select(log(1.0 + u), u - 0.5 * u * u, u < 1e-3);
  }
  fn errorFunction(v : f32) -> f32 {
    let z = clamp(v, -4.0, 4.0);
    let s = z * z;
    var p = s * -2.72614225801306e-10 + 2.77068142495902e-8;
    p = p * s + -2.10102402082508e-6;
    p = p * s + -5.69250639462346e-5;
    p = p * s + -7.34990630326855e-4;
    p = p * s + -2.954599800854e-3;
    p = p * s + -1.60960333262415e-2;
    var q = s * -1.45660718464996e-5 + -2.13374055278905e-4;
    q = q * s + -1.68282697438203e-3;
    q = q * s + -7.37332916720468e-3;
    q = q * s + -1.42647390514189e-2;
    return z * p / q;
  }
  fn cumulative(v : f32) -> f32 { return 0.5 + 0.5 * errorFunction(v * 0.7071067811865476); }
  fn geluDerivative(v : f32) -> f32 {
    return cumulative(v) + v * exp(-0.5 * v * v) * 0.3989422804014327;
  }`;

/** A kernel of one shader per output, each an expression of the inputs' elements by name. */
export function elementwise(
  inputNames: readonly string[],
  ...values: readonly string[]
): (inputs: KernelInputs) => tf.Tensor[] {
  return (inputs) => {
    const tensors = inputNames.map((name) => requiredInput(inputs, name));
    const { shape, size } = requiredInput(inputs, inputNames[0] ?? '');
    return values.map((value) =>
      runWebgpuProgram(
        {
          key: `elementwise ${inputNames.join(' ')} ${value}`,
          uniforms: { length: size },
          inputs: inputNames.map((name) => `${name}Values`),
          outputLength: size,
          groups: Math.ceil(size / THREADS),
          threads: THREADS,
          code: `${FUNCTIONS}
            fn main(index : i32) {
              if (index < uniforms.length) {
                ${inputNames.map((name) => `let ${name} = ${name}Values[index];`).join('\n')}
                result[index] = ${value};
              }
            }`,
        },
        tensors,
      ).reshape(shape),
    );
  };
}
