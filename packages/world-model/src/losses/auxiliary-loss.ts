import type * as tf from '@tensorflow/tfjs';
import { type LossTerm, rowLogProbabilities, weightedSum } from './class-log-probabilities.js';

/**
 * Cross-entropy over the rows whose label is known: logits `[B, K]`, labels `[B]`, 0 = unknown. Class 0 stays in the
 * softmax (spec section 5, 5.3). Without a label the loss is 0, where the reference gives NaN.
 */
export function auxiliaryLoss(logits: tf.Tensor, labels: Int32Array): LossTerm {
  const count = labels.reduce((sum, label) => sum + (label > 0 ? 1 : 0), 0);
  const weights = Float32Array.from(labels, (label) => (label > 0 ? -1 / count : 0));
  return { loss: weightedSum(rowLogProbabilities(logits, labels), weights), count };
}
