import type * as tf from '@tensorflow/tfjs';
import { type KernelAttributes, type KernelInputs, requiredInput } from '../named-kernel.js';
import { runWebgpuProgram } from './webgpu-program.js';

const THREADS = 64;

/** Both moments from their old values; a shader has one output, so the parameter's computes them again. */
const MOMENTS = `
  fn firstMomentOf(index : i32) -> f32 {
    return number(uniforms.beta1) * firstMoment[index] + number(uniforms.rest1) * gradientOf(index);
  }`;
const SECOND_MOMENT = `
  fn secondMomentOf(index : i32) -> f32 {
    let g = gradientOf(index);
    return number(uniforms.beta2) * secondMoment[index] + number(uniforms.rest2) * g * g;
  }`;

/** A step of one parameter in three shaders instead of some fifteen; formula in ../adamw.ts. */
export function adamWStep(inputs: KernelInputs, attributes: KernelAttributes): tf.Tensor[] {
  const { shape, size } = requiredInput(inputs, 'parameter');
  const uniforms = numberBits(attributes);
  const run = (name: string, inputNames: readonly string[], functions: string, value: string) =>
    runWebgpuProgram(
      {
        key: `adamW ${name}`,
        uniforms: { ...uniforms, length: size },
        inputs: inputNames,
        outputLength: size,
        groups: Math.ceil(size / THREADS),
        threads: THREADS,
        code: `
          fn number(bits : i32) -> f32 { return bitcast<f32>(bits); }
          fn gradientOf(index : i32) -> f32 { return gradient[index] * number(uniforms.gradientScale); }
          ${functions}
          fn main(index : i32) {
            if (index < uniforms.length) {
              ${value}
            }
          }`,
      },
      inputNames.map((inputName) => requiredInput(inputs, inputName)),
    ).reshape(shape);
  return [
    run(
      'parameter',
      ['parameter', 'gradient', 'firstMoment', 'secondMoment'],
      MOMENTS + SECOND_MOMENT,
      `let denominator =
         sqrt(secondMomentOf(index)) * number(uniforms.secondMomentScale) + number(uniforms.epsilon);
       result[index] = number(uniforms.keep) * parameter[index]
         - number(uniforms.stepSize) * firstMomentOf(index) / denominator;`,
    ),
    run('first moment', ['gradient', 'firstMoment'], MOMENTS, 'result[index] = firstMomentOf(index);'),
    run(
      'second moment',
      ['gradient', 'secondMoment'],
      SECOND_MOMENT,
      'result[index] = secondMomentOf(index);',
    ),
  ];
}

/** Uniforms are integers: the bits of each number as float32. */
function numberBits(attributes: KernelAttributes): Record<string, number> {
  const beta = { rest1: 1 - Number(attributes.beta1), rest2: 1 - Number(attributes.beta2) };
  const names = ['keep', 'stepSize', 'secondMomentScale', 'beta1', 'beta2', 'epsilon', 'gradientScale'];
  const numbers = { ...beta, ...Object.fromEntries(names.map((name) => [name, Number(attributes[name])])) };
  return Object.fromEntries(
    Object.entries(numbers).map(([name, value]) => [
      name,
      new Int32Array(Float32Array.of(value).buffer)[0] ?? 0,
    ]),
  );
}
