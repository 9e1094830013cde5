import { embeddingLookup, matrixMultiply, softplus } from '@retail-sim/world-model';
import * as tf from '@tensorflow/tfjs';

/** One step's links and what they are told from. */
export interface LinkBatch {
  /** Ends of each link, `[B]`. */
  readonly first: Int32Array;
  readonly second: Int32Array;
  /** Products drawn evenly, `[N]`. */
  readonly uniform: Int32Array;
  /** K products like the second end of each link, `[B * K]`. */
  readonly hard: Int32Array;
}

/** Weights of the three kinds of pairs that are no link. */
const RANDOM_PAIRS = 1;
const ONE_END_RANDOM = 0.25;
const HARD_PAIRS = 1;

/**
 * How often a pair that is no link scores above a link, smoothly: the mean of softplus((negative - positive) / t) over
 * all combinations in the batch, whose minimum ranks like the area under the curve (Rendle et al. 2009). Negatives are
 * pairs of random products, pairs of one end with a random product, and pairs of the first end with a product like the
 * second one.
 *
 * @param vectors unit rows, `[P, 256]`
 * @param temperature t, scalar
 */
export function linkLoss(vectors: tf.Tensor, batch: LinkBatch, temperature: tf.Tensor): tf.Scalar {
  const size = batch.first.length;
  const hardPerLink = batch.hard.length / size;
  const rows = (places: Int32Array) => embeddingLookup(vectors, tf.tensor1d(places, 'int32'));
  const first = rows(batch.first); // [B, 256]
  const second = rows(batch.second); // [B, 256]
  const uniform = rows(batch.uniform); // [N, 256]
  const neighbour = rows(rotated(batch.uniform)); // [N, 256]
  const width = first.shape[1] ?? 0;
  const positive = first.mul(second).sum(1, true); // [B, 1]
  const random = uniform.mul(neighbour).sum(1).reshape([1, batch.uniform.length]); // [1, N]
  const firstEnd = matrixMultiply(first, uniform, { transposeB: true }); // [B, N]
  const secondEnd = matrixMultiply(second, uniform, { transposeB: true }); // [B, N]
  const hard = rows(batch.hard)
    .reshape([size, hardPerLink, width])
    .mul(first.reshape([size, 1, width]))
    .sum(2); // [B, K]
  const above = (negative: tf.Tensor) => softplus(negative.sub(positive).div(temperature)).mean();
  return above(random)
    .mul(RANDOM_PAIRS)
    .add(above(firstEnd).add(above(secondEnd)).mul(ONE_END_RANDOM))
    .add(above(hard).mul(HARD_PAIRS))
    .asScalar();
}

/** Pairs every product with the one before it. */
function rotated(places: Int32Array): Int32Array {
  return places.map((_, at) => places[(at + places.length - 1) % places.length] ?? 0);
}
