// Fixed random codes of what a store is: format, region and the store itself (spec section 3, layer 5; SC-6, SC-11).

import { namedNormals } from '@retail-sim/random';
import { STORE_EMBEDDING_BLOCKS, STORE_EMBEDDING_SIZE } from '../schemas/store-features.js';

/** Spread of the numbers of a label. */
const LABEL_SCALE = 0.1;

export const UNKNOWN_LABEL = 'UNKNOWN';

const width = ([first, end]: readonly [number, number]): number => end - first;

/** Vector of a format or region: its own stream, whatever other labels there are; zeros for an unknown one. */
export function labelVector(seed: number, kind: 'format' | 'region', label: string): Float64Array {
  const length = width(STORE_EMBEDDING_BLOCKS[kind]);
  if (label === UNKNOWN_LABEL) return new Float64Array(length);
  return namedNormals(`${seed}:${kind}:${label}`, length).map((value) => LABEL_SCALE * value);
}

/** Unit vector of a store: the same in any data set. */
export function identityVector(seed: number, storeId: string): Float64Array {
  const vector = namedNormals(`${seed}:store:${storeId}`, width(STORE_EMBEDDING_BLOCKS.identity));
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
}

/** Format 24, region 24, operational 32, identity 16. */
export function storeVector(
  seed: number,
  { storeId, format, region }: { readonly storeId: string; readonly format: string; readonly region: string },
  operational: Float64Array,
): Float64Array {
  const vector = new Float64Array(STORE_EMBEDDING_SIZE);
  vector.set(labelVector(seed, 'format', format), STORE_EMBEDDING_BLOCKS.format[0]);
  vector.set(labelVector(seed, 'region', region), STORE_EMBEDDING_BLOCKS.region[0]);
  vector.set(operational, STORE_EMBEDDING_BLOCKS.operational[0]);
  vector.set(identityVector(seed, storeId), STORE_EMBEDDING_BLOCKS.identity[0]);
  return vector;
}
