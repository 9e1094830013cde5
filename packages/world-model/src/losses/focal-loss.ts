import { InputError } from '@retail-sim/errors';
import * as tf from '@tensorflow/tfjs';
import { type LossTerm, rowLogProbabilities, weightedSum } from './class-log-probabilities.js';

// Focal loss (Lin et al. 2017) of a softmax, spec section 5, 5.1.
//   p  probability of the target class    gamma  focusing exponent    alpha  weight of the target class

export interface FocalLossOptions {
  /** 0 (cross-entropy) or at least 1; between, the gradient is not finite at p = 1. Default 2. */
  readonly gamma?: number;
  /** Weight of each class, `[V]`. Default none. */
  readonly alpha?: Float32Array;
  /** `mean` divides by the number of valid rows; `none` gives each row's loss, `[R]`. Default `mean`. */
  readonly reduction?: 'mean' | 'sum' | 'none';
}

/** Rows with this target count for nothing, whatever the mask says. */
export const IGNORED_TARGET = -100;

/**
 * `(1 - p)^gamma (-ln p)`, times alpha of the target, over the rows that `mask` marks with 1: logits `[..., V]`, one
 * target and one mark per row. Without a valid row the loss is 0, and so are its gradients.
 */
export function focalLoss(
  logits: tf.Tensor,
  targets: Int32Array,
  mask: ArrayLike<number>,
  options: FocalLossOptions = {},
): LossTerm {
  const { alpha, reduction = 'mean' } = options;
  const { elements, valid, count } = focalTerms(logits, targets, mask, options);
  const divisor = reduction === 'mean' ? Math.max(count, 1) : 1;
  const weights = Float32Array.from(valid, (isValid, row) =>
    isValid ? (alpha?.[targets[row] ?? 0] ?? 1) / divisor : 0,
  );
  return { loss: reduction === 'none' ? elements.mul(weights) : weightedSum(elements, weights), count };
}

function focalTerms(
  logits: tf.Tensor,
  targets: Int32Array,
  mask: ArrayLike<number>,
  { gamma = 2 }: FocalLossOptions,
): { elements: tf.Tensor; valid: readonly boolean[]; count: number } {
  if (!(gamma === 0 || gamma >= 1)) {
    throw new InputError({
      what: `focal loss: gamma is ${gamma}`,
      remedy: 'use 0 (cross-entropy) or a value of at least 1',
    });
  }
  const valid = Array.from(targets, (target, row) => target !== IGNORED_TARGET && mask[row] === 1);
  const count = valid.reduce((sum, isValid) => sum + (isValid ? 1 : 0), 0);
  return { elements: focus(rowLogProbabilities(logits, targets), gamma), valid, count }; // [R]
}

/** `(1 - p)^gamma (-ln p)` of ln p, any shape, with the gradient of spec section 5, 5.1, finite for gamma >= 1. */
function focus(logProbability: tf.Tensor, gamma: number): tf.Tensor {
  const run = tf.customGrad((input, save) => {
    if (!(input instanceof tf.Tensor) || typeof save !== 'function')
      throw new Error('unexpected customGrad call');
    save([input]);
    return {
      value: complement(input).pow(gamma).mul(input).neg(),
      gradFunc: (gradient, saved) => tf.tidy(() => gradient.mul(focusDerivative(saved[0] ?? input, gamma))),
    };
  });
  return run(logProbability);
}

/** c = (1 - p)^(gamma - 1) (gamma p ln p - (1 - p)), the derivative by ln p. */
function focusDerivative(logProbability: tf.Tensor, gamma: number): tf.Tensor {
  if (gamma === 0) return tf.onesLike(logProbability).neg();
  const rest = complement(logProbability);
  const slope = logProbability.exp().mul(logProbability).mul(gamma).sub(rest);
  return rest.pow(gamma - 1).mul(slope);
}

/** 1 - p, never below 0. */
function complement(logProbability: tf.Tensor): tf.Tensor {
  return logProbability.exp().neg().add(1).relu();
}
