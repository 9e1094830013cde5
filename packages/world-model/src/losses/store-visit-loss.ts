import * as tf from '@tensorflow/tfjs';
import { targetLogProbability } from '../kernels/index.js';

// Losses of the store-visit model (spec section 5, 6.2).
//   p  softmax of the logits    y  target    w  weight of a class    eps  label smoothing    C  classes

export interface StoreVisitLossOptions {
  /** `focal` multiplies each row by `(1 - p_y)^gamma` and takes the plain mean. Default `cross-entropy`. */
  readonly kind?: 'cross-entropy' | 'focal';
  /** `[C]`. Default 1 each. */
  readonly classWeights?: Float32Array;
  /** eps. Default 0.1. */
  readonly labelSmoothing?: number;
  /** Default 2. */
  readonly gamma?: number;
}

/** Loss of the stores that were visited: logits `[B, C]`, targets `[B]` in 0..C-1 -> scalar. */
export function storeVisitLoss(
  logits: tf.Tensor,
  targets: Int32Array,
  { kind = 'cross-entropy', classWeights, labelSmoothing = 0.1, gamma = 2 }: StoreVisitLossOptions = {},
): tf.Tensor {
  return tf.tidy(() => {
    const classes = logits.shape[1] ?? 0;
    const ones = new Float32Array(classes).fill(1);
    const weights = classWeights ?? ones;
    const weightOf = (target: number) => weights[target] ?? 0;
    const rowWeights = tf.tensor(Float32Array.from(targets, weightOf), [targets.length]); // [B]
    const ofTarget = targetLogProbability(logits, tf.tensor(targets, [targets.length], 'int32')); // ln p_y, [B]
    const ofAll = (classWeight: Float32Array) =>
      tf
        .logSoftmax(logits)
        .mul(tf.tensor(classWeight, [classes]))
        .sum(1); // sum_c w_c ln p_c, [B]
    const smoothed = (target: tf.Tensor, all: tf.Tensor) =>
      target
        .mul(1 - labelSmoothing)
        .add(all.mul(labelSmoothing / classes))
        .neg(); // [B]
    if (kind === 'focal') {
      const focus = ofTarget.exp().neg().add(1).relu().pow(gamma); // (1 - p_y)^gamma
      return rowWeights
        .mul(focus)
        .mul(smoothed(ofTarget, ofAll(ones)))
        .mean();
    }
    const total = targets.reduce((sum, target) => sum + weightOf(target), 0);
    return smoothed(ofTarget.mul(rowWeights), ofAll(weights)).sum().div(total);
  });
}

/** Weights of classes by how often they occur: `(total / count)^0.3`, 1 without an occurrence, then mean 1. */
export function storeClassWeights(counts: ArrayLike<number>, smoothing = 0.3): Float32Array {
  const all = Array.from(counts);
  const total = all.reduce((sum, count) => sum + count, 0);
  const raw = all.map((count) => (count === 0 ? 1 : (total / count) ** smoothing));
  const mean = raw.reduce((sum, weight) => sum + weight, 0) / raw.length;
  return Float32Array.from(raw, (weight) => weight / mean);
}
