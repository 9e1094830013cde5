import * as tf from '@tensorflow/tfjs';
import { embeddingLookup, linear, segmentSum } from '../kernels/index.js';
import type { Weights } from './weights.js';
import type { WorldModelInputs } from './world-model-inputs.js';

// Attention over the customer's earlier baskets, with weights that are learned functions of how much each resembles the
// basket at hand. An extension of the repeat head (spec section 5, 6.3).
//
//   E  earlier baskets of all baskets of the batch    I  their items    C  candidates of the repeat head
//   s  comparisons [E, 6]                             theta  `similarity.weight` [6]

export const SIMILARITY_FEATURES = 6;

/** Weight of a product that no earlier basket speaks for. */
const FLOOR = 0.02;

/** How popular the candidates are with everybody. */
export interface CandidatePopularity {
  /** `[C]`, int32: class of each candidate. */
  readonly classes: tf.Tensor;
  /** `[V]`: bias of the product head. */
  readonly productBias: tf.Tensor;
}

/**
 * For every candidate v: scale * ln(FLOOR + sum of exp(theta . s) over the earlier baskets that hold v), and its
 * popularity times a factor, for what a customer knows is bought less for being popular -> `[C, 1]`.
 */
export function similarBaskets(
  { comparisons, itemBaskets, itemCandidates }: NonNullable<WorldModelInputs['similarBaskets']>,
  candidates: CandidatePopularity,
  weights: Weights,
): tf.Tensor {
  const resemblance = linear(comparisons, weights('weight').reshape([1, SIMILARITY_FEATURES])).exp(); // [E, 1]
  const ofItems = embeddingLookup(resemblance, itemBaskets); // [I, 1]
  const { classes, productBias } = candidates;
  const support = sumByCandidate(ofItems, itemCandidates, classes.size); // [C, 1]
  const popularity = embeddingLookup(productBias.reshape([productBias.size, 1]), classes); // [C, 1]
  return support
    .add(FLOOR)
    .log()
    .mul(weights('scale'))
    .add(popularity.mul(weights('popularity')));
}

/** values `[I, 1]` -> their sums by candidate `[C, 1]`. */
function sumByCandidate(values: tf.Tensor, candidates: tf.Tensor, count: number): tf.Tensor {
  const sum = tf.customGrad((items) => {
    if (!(items instanceof tf.Tensor)) throw new Error('tf.customGrad passes tensors first');
    return {
      value: segmentSum(items, candidates, count),
      gradFunc: (gradient) => embeddingLookup(gradient, candidates), // [I, 1]
    };
  });
  return sum(values);
}
