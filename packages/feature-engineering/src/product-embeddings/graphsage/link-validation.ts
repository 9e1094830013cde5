import type { RandomStream } from '@retail-sim/random';
import { PRODUCT_EMBEDDING_SIZE } from '../../schemas/product-embeddings.js';
import { areaUnderCurve } from '../evaluation/link-metrics.js';
import type { JointBaskets } from '../joint-baskets.js';
import { rowProduct } from '../unit-rows.js';
import type { HardNegatives } from './negatives.js';

/** Links kept out of training, with a fixed uniform and a fixed hard negative for each. */
export interface ValidationPairs {
  /** Ends, `[V]` each. */
  readonly first: Uint32Array;
  readonly second: Uint32Array;
  readonly randomFirst: Uint32Array;
  readonly randomSecond: Uint32Array;
  /** A product like `second`. */
  readonly hard: Uint32Array;
}

export function validationPairs(
  { first, second, products }: JointBaskets,
  links: Uint32Array,
  hardNegative: HardNegatives,
  stream: RandomStream,
): ValidationPairs {
  const ends = links.map((pair) => second[pair] ?? 0);
  return {
    first: links.map((pair) => first[pair] ?? 0),
    second: ends,
    randomFirst: ends.map(() => stream.below(products)),
    randomSecond: ends.map(() => stream.below(products)),
    hard: ends.map((end) => hardNegative(end, stream)),
  };
}

/** Mean of the area under the curve against uniform and against hard negatives. */
export function validationScore(vectors: Float32Array, pairs: ValidationPairs): number {
  const scores = (a: Uint32Array, b: Uint32Array) =>
    Float64Array.from(a, (product, at) => rowProduct(vectors, product, b[at] ?? 0, PRODUCT_EMBEDDING_SIZE));
  const links = scores(pairs.first, pairs.second);
  const uniform = areaUnderCurve(links, scores(pairs.randomFirst, pairs.randomSecond));
  const hard = areaUnderCurve(links, scores(pairs.first, pairs.hard));
  return (uniform + hard) / 2;
}
