// The reference's encoder: random features, two random projections, nothing learned (spec section 3, layer 3).

import type { MersenneTwister } from '@retail-sim/random';
import { PRODUCT_EMBEDDING_SIZE } from '../../schemas/product-embeddings.js';
import { blockProduct } from '../dense-block.js';
import type { NeighbourLists } from '../graphsage/neighbours.js';
import { unitRows } from '../unit-rows.js';
import { REFERENCE_FEATURES } from './random-features.js';
import { tensorLibraryNormals } from './tensor-library-normals.js';

const NEIGHBOURS_PER_TYPE = 10;
/** Self, copurchase, substitution, hierarchy. The last is always zero: categories have no features. */
const BLOCKS = 4;
const SCALE = 0.1;
const SEED = 42;

export interface RandomGraphSageInput {
  /** `[P, 144]`. */
  readonly features: Float32Array;
  readonly copurchase: NeighbourLists;
  readonly substitution: NeighbourLists;
  /** Where neighbours are drawn from when there are more than ten. */
  readonly stream: MersenneTwister;
}

/** Unit rows without a negative entry, `[P, 256]`. */
export function randomGraphSage({ features, ...graph }: RandomGraphSageInput): Float32Array {
  const normals = tensorLibraryNormals(SEED);
  const weights = (inputs: number) =>
    Float64Array.from(normals(inputs * PRODUCT_EMBEDDING_SIZE), (value) => Math.fround(SCALE * value));
  const first = weights(BLOCKS * REFERENCE_FEATURES);
  const second = weights(BLOCKS * PRODUCT_EMBEDDING_SIZE);
  const hidden = layer(features, REFERENCE_FEATURES, first, graph);
  return unitRows(layer(hidden, PRODUCT_EMBEDDING_SIZE, second, graph), PRODUCT_EMBEDDING_SIZE);
}

/** relu([x | cop x | sub x | 0] W): `[P, width] -> [P, 256]`. */
function layer(
  x: Float32Array,
  width: number,
  weights: Float64Array,
  { copurchase, substitution, stream }: Omit<RandomGraphSageInput, 'features'>,
): Float32Array {
  const rows = x.length / width;
  const inputs = BLOCKS * width;
  const joined = new Float64Array(rows * inputs);
  for (let row = 0; row < rows; row += 1) {
    const at = row * inputs;
    joined.set(x.subarray(row * width, (row + 1) * width), at);
    joined.set(neighbourMean(x, width, copurchase, row, stream), at + width);
    joined.set(neighbourMean(x, width, substitution, row, stream), at + 2 * width);
  }
  return Float32Array.from(blockProduct(joined, weights, rows, inputs, PRODUCT_EMBEDDING_SIZE), (value) =>
    Math.max(0, value),
  );
}

/** Sum of weight x over sum of weight; zero without a neighbour. Float32, as the reference computes. */
function neighbourMean(
  x: Float32Array,
  width: number,
  { offsets, neighbours, weights }: NeighbourLists,
  row: number,
  stream: MersenneTwister,
): Float32Array {
  const mean = new Float32Array(width);
  const from = offsets[row] ?? 0;
  const degree = (offsets[row + 1] ?? 0) - from;
  const places =
    degree > NEIGHBOURS_PER_TYPE ? stream.permutation(degree).subarray(0, NEIGHBOURS_PER_TYPE) : undefined;
  let total = 0;
  for (let i = 0; i < Math.min(degree, NEIGHBOURS_PER_TYPE); i += 1) {
    const at = from + (places?.[i] ?? i);
    const weight = Math.fround(weights[at] ?? 0);
    total = Math.fround(total + weight);
    const start = (neighbours[at] ?? 0) * width;
    for (let k = 0; k < width; k += 1) mean[k] = (mean[k] ?? 0) + weight * (x[start + k] ?? 0);
  }
  return total > 0 ? mean.map((value) => value / total) : mean;
}
