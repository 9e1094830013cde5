import * as tf from '@tensorflow/tfjs';
import { targetLogProbability } from '../kernels/index.js';

/** A loss and the number of elements over which it is the mean; 0 elements give the loss 0. */
export type LossTerm = {
  /** Scalar. */
  readonly loss: tf.Tensor;
  readonly count: number;
};

/**
 * Log-probability of each row's class: logits `[..., V]`, one target per row, negative ones read as class 0 -> `[R]`.
 * What a padded row gives is finite and has to be weighted by 0.
 */
export function rowLogProbabilities(logits: tf.Tensor, targets: Int32Array): tf.Tensor {
  const classes = logits.shape.at(-1) ?? 0;
  const ids = targets.map((target) => Math.max(target, 0));
  return targetLogProbability(
    logits.reshape([targets.length, classes]),
    tf.tensor(ids, [ids.length], 'int32'),
  );
}

/** `sum(values * weights)`: values `[R]`, weights constant -> scalar. */
export function weightedSum(values: tf.Tensor, weights: Float32Array): tf.Tensor {
  return values.mul(tf.tensor(weights, [weights.length])).sum();
}
