// What the network knows about a product before it looks at its neighbours.

import { PRODUCT_EMBEDDING_SIZE as WIDTH } from '../../schemas/product-embeddings.js';
import { type JointBaskets, lifts } from '../joint-baskets.js';
import type { EmbeddingProduct } from '../read-embedding-input.js';
import { positiveInformation, type SpectralEmbedding, spectralProjection } from '../spectral-embedding.js';
import { multiply } from '../symmetric-matrix.js';
import { rowLength } from '../unit-rows.js';

/** The strongest components go through the layers; all 256 through the residual path. */
const SPECTRAL_FEATURES = 128;
/** Brings the entries of a unit vector near the size of the other features. */
const SPECTRAL_FACTOR = 4;
const SMALLEST_NORM = 1e-2;

/** Popularity (baskets), price, partners, and how much the spectral embedding has to say. */
const STATISTICS = 4;

/** F. */
export const FEATURE_SIZE = SPECTRAL_FEATURES + STATISTICS;

export interface NodeFeatures {
  /** `[P, F]`, row-major. */
  readonly features: Float32Array;
  /** Unit rows of the spectral embedding; zero without a partner. `[P, 256]`. */
  readonly spectral: Float32Array;
}

/** The features as they would be had some pairs never been bought together. */
export type FeaturesWithout = (hidden: Iterable<number>) => NodeFeatures;

/**
 * @param spectral the fit, of the pairs that `leaveOut` does not name or of more
 * @param leaveOut 1 for pairs to act as if they had never been bought together, `[N]`
 */
export function nodeFeatures(
  products: readonly EmbeddingProduct[],
  jointBaskets: JointBaskets,
  spectral: SpectralEmbedding,
  leaveOut: Uint8Array,
): FeaturesWithout {
  const { first, second, perProduct } = jointBaskets;
  const projection = spectralProjection(spectral);
  const matrix = positiveInformation(jointBaskets, leaveOut);
  const vectors = multiply(matrix, projection, WIDTH); // [P, 256]
  const information = lifts(jointBaskets).map((lift) => Math.max(0, Math.log(lift)));
  const partners = Float64Array.from(
    products,
    (_, p) => (matrix.offsets[p + 1] ?? 0) - (matrix.offsets[p] ?? 0),
  );
  const partnersScale = standardScale(partners.map(Math.log1p));
  const norm = (from: Float64Array, at: number) => Math.log(SMALLEST_NORM + rowLength(from, at, WIDTH));
  const normScale = standardScale(partners.map((_, p) => norm(vectors, p * WIDTH)));

  const base: NodeFeatures = {
    features: new Float32Array(products.length * FEATURE_SIZE),
    spectral: new Float32Array(products.length * WIDTH),
  };
  const popularity = standardized(Float64Array.from(perProduct, (baskets) => Math.log1p(baskets)));
  const price = standardized(logPrices(products));
  products.forEach((_, p) => {
    base.features[p * FEATURE_SIZE + SPECTRAL_FEATURES] = popularity[p] ?? 0;
    base.features[p * FEATURE_SIZE + SPECTRAL_FEATURES + 1] = price[p] ?? 0;
    fillRow(base, p, vectors.subarray(p * WIDTH, (p + 1) * WIDTH), partners[p] ?? 0);
  });

  function fillRow(
    { features, spectral }: NodeFeatures,
    p: number,
    vector: Float64Array,
    degree: number,
  ): void {
    const length = degree > 0 ? rowLength(vector, 0, WIDTH) : 0;
    const at = p * FEATURE_SIZE;
    for (let k = 0; k < WIDTH; k += 1) {
      const value = length > 0 ? (vector[k] ?? 0) / length : 0;
      spectral[p * WIDTH + k] = value;
      if (k < SPECTRAL_FEATURES) features[at + k] = SPECTRAL_FACTOR * value;
    }
    features[at + SPECTRAL_FEATURES + 2] = partnersScale(Math.log1p(degree));
    features[at + SPECTRAL_FEATURES + 3] = normScale(Math.log(SMALLEST_NORM + length));
  }

  return (hidden) => {
    const changed = new Map<number, { readonly vector: Float64Array; degree: number }>();
    const rowOf = (p: number) => {
      const known = changed.get(p);
      if (known !== undefined) return known;
      const row = { vector: vectors.slice(p * WIDTH, (p + 1) * WIDTH), degree: partners[p] ?? 0 };
      changed.set(p, row);
      return row;
    };
    for (const pair of hidden) {
      const weight = leaveOut[pair] === 1 ? 0 : (information[pair] ?? 0);
      if (weight === 0) continue;
      const [a, b] = [first[pair] ?? 0, second[pair] ?? 0];
      for (const [own, other] of [
        [a, b],
        [b, a],
      ] as const) {
        const row = rowOf(own);
        row.degree -= 1;
        for (let k = 0; k < WIDTH; k += 1) {
          row.vector[k] = (row.vector[k] ?? 0) - weight * (projection[other * WIDTH + k] ?? 0);
        }
      }
    }
    const without = { features: base.features.slice(), spectral: base.spectral.slice() };
    for (const [p, { vector, degree }] of changed) fillRow(without, p, vector, degree);
    return without;
  };
}

/** Natural logarithm of the price; the mean of the others without one. */
function logPrices(products: readonly EmbeddingProduct[]): Float64Array {
  const logs = products.map(({ price }) => (price === undefined || price <= 0 ? undefined : Math.log(price)));
  const known = logs.filter((value) => value !== undefined);
  const mean = known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length);
  return Float64Array.from(logs, (value) => value ?? mean);
}

function standardized(values: Float64Array): Float64Array {
  return values.map(standardScale(values));
}

/** Maps values to mean 0 and standard deviation 1; constant ones to 0. */
function standardScale(values: Float64Array): (value: number) => number {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length);
  const deviation = Math.sqrt(variance);
  return (value) => (deviation > 1e-12 ? (value - mean) / deviation : 0);
}
