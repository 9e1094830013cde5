import * as tf from '@tensorflow/tfjs';
import { softplus } from '../kernels/index.js';

// Focal binary cross-entropy with weights (spec section 5, 6.1).
//   l logit    y target, 0 or 1    p = sigmoid(l)    q  probability of the target: p where y = 1, else 1 - p

export interface FocalBinaryLossOptions {
  /** Focusing exponent. Default 2. */
  readonly gamma?: number;
  /** Weight where y = 1. Default 12.5 = 0.25 * 50. */
  readonly positiveWeight?: number;
  /** Weight where y = 0. Default 0.75. */
  readonly negativeWeight?: number;
  /** 1 where an element counts, in the shape of the logits or of one row. Default: all count. */
  readonly mask?: tf.Tensor;
  /**
   * `mean` over the elements that count. `per-positive`: the sum over a row, divided by its positives, mean over rows:
   * of a basket of a few products out of thousands, the mean over all is next to nothing. Default `mean`.
   */
  readonly reduction?: 'mean' | 'sum' | 'none' | 'per-positive';
}

/** `w (1 - q)^gamma (-ln q)`: logits and targets `[B, V]` -> scalar, or `[B, V]` for `none`. */
export function focalBinaryLoss(
  logits: tf.Tensor,
  targets: tf.Tensor,
  options: FocalBinaryLossOptions = {},
): tf.Tensor {
  const { gamma = 2, positiveWeight = 12.5, negativeWeight = 0.75, mask, reduction = 'mean' } = options;
  return tf.tidy(() => {
    const weights = targets.mul(positiveWeight - negativeWeight).add(negativeWeight); // [B, V]
    const elements = focalElements(logits, targets, mask === undefined ? weights : weights.mul(mask), gamma);
    switch (reduction) {
      case 'none':
        return elements;
      case 'sum':
        return elements.sum();
      case 'mean':
        return elements.sum().div(counted(logits, mask));
      case 'per-positive':
        return elements.sum(-1).div(targets.sum(-1).maximum(1)).mean();
    }
  });
}

/** Elements that count, at least 1: scalar. */
function counted(logits: tf.Tensor, mask: tf.Tensor | undefined): tf.Tensor {
  if (mask === undefined) return tf.scalar(logits.size);
  return mask.add(tf.zerosLike(logits)).sum().maximum(1);
}

/** Weighted elements, with the gradient of spec section 5, 6.1, finite at every logit. */
function focalElements(logits: tf.Tensor, targets: tf.Tensor, weights: tf.Tensor, gamma: number): tf.Tensor {
  const run = tf.customGrad((input, save) => {
    if (!(input instanceof tf.Tensor) || typeof save !== 'function')
      throw new Error('unexpected customGrad call');
    save([input, targets, weights]);
    const margin = input.mul(signs(targets)); // q = sigmoid(margin)
    const value = weights.mul(margin.neg().sigmoid().pow(gamma)).mul(softplus(margin.neg()));
    return {
      value,
      gradFunc: (gradient, [savedInput = input, savedTargets = targets, savedWeights = weights]) =>
        tf.tidy(() => {
          const sign = signs(savedTargets);
          const z = savedInput.mul(sign);
          const rest = z.neg().sigmoid(); // 1 - q
          const slope = softplus(z.neg()).mul(z.sigmoid()).mul(-gamma).sub(rest); // gamma q ln q + q - 1
          return gradient.mul(savedWeights).mul(rest.pow(gamma)).mul(slope).mul(sign);
        }),
    };
  });
  return run(logits);
}

/** +1 where y = 1, -1 where y = 0. */
function signs(targets: tf.Tensor): tf.Tensor {
  return targets.mul(2).sub(1);
}
