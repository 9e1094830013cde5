import { counterUniform } from '@retail-sim/random';
import * as tf from '@tensorflow/tfjs';
import { defineKernel, firstOutput, requiredInput } from './named-kernel.js';
import { sizeOf } from './shapes.js';

/** What decides a dropout mask: nothing else does, so a recomputed layer draws the same one. */
export interface DropoutKey {
  /** Probability of dropping, 0 <= rate < 1. */
  readonly rate: number;
  /** Unsigned 32-bit seed of this step, site and layer. */
  readonly seed: number;
}

/**
 * Inverted dropout: element i stays, scaled by `1 / (1 - rate)`, where `counterUniform(seed, i) >= rate`.
 * The mask is never stored; the gradient draws it again. Any shape.
 */
export function dropout(x: tf.Tensor, { rate, seed }: DropoutKey): tf.Tensor {
  if (rate === 0) return x.clone();
  return firstOutput(runDropout({ x }, { rate, seed }));
}

/** The mask that `dropout` applies, with its scale: 0 or `1 / (1 - rate)`. */
export function dropoutMask(shape: readonly number[], { rate, seed }: DropoutKey): tf.Tensor {
  const scale = 1 / (1 - rate);
  const mask = new Float32Array(sizeOf(shape));
  // A plain loop: a training batch draws 100 million numbers in a step.
  for (let i = 0; i < mask.length; i++) mask[i] = counterUniform(seed, i) < rate ? 0 : scale;
  return tf.tensor(mask, [...shape]);
}

const runDropout = defineKernel({
  name: 'KeyedDropout',
  compose: (inputs, { rate, seed }) => {
    const x = requiredInput(inputs, 'x');
    return [x.mul(dropoutMask(x.shape, { rate: Number(rate), seed: Number(seed) }))];
  },
  gradient: {
    backward: (dy, _saved, { rate, seed }) => ({
      x: () => firstOutput(runDropout({ x: dy }, { rate: Number(rate), seed: Number(seed) })),
    }),
  },
});
