import type * as tf from '@tensorflow/tfjs';
import { type KernelAttributes, type KernelInputs, requiredInput } from '../named-kernel.js';
import { runWebgpuProgram } from './webgpu-program.js';

const THREADS = 64;

/** The counter generator of `@retail-sim/random` on the GPU: the mask is neither stored nor sent. */
export function dropout(inputs: KernelInputs, { rate, seed }: KernelAttributes): tf.Tensor[] {
  const x = requiredInput(inputs, 'x');
  // counterUniform < rate exactly where its 32 bits are below this.
  const threshold = Math.ceil(Number(rate) * 2 ** 32);
  const y = runWebgpuProgram(
    {
      key: `dropout ${rate}`,
      uniforms: { seed: Number(seed), length: x.size },
      inputs: ['x'],
      outputLength: x.size,
      groups: Math.ceil(x.size / THREADS),
      threads: THREADS,
      code: `
        fn main(index : i32) {
          if (index < uniforms.length) {
            var bits = bitcast<u32>(uniforms.seed) + u32(index) * 0x9e3779b9u;
            bits = (bits ^ (bits >> 16u)) * 0x85ebca6bu;
            bits = (bits ^ (bits >> 13u)) * 0xc2b2ae35u;
            bits = bits ^ (bits >> 16u);
            result[index] = select(0.0, x[index] * ${1 / (1 - Number(rate))}, bits >= ${threshold}u);
          }
        }`,
    },
    [x],
  );
  return [y.reshape(x.shape)];
}
