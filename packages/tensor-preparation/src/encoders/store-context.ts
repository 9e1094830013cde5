// T5: where the trip goes (spec section 4, 3.5).
//
//   0-23  format     24-47  region     48-79  operations     80-95  identity

import { namedNormals } from '@retail-sim/random';
import { appendRows, drawTables, drawTablesFrom, type LookupTable, writeRow } from './lookup-table.js';
import type { EncoderMode, TensorTarget } from './tensor-target.js';

export const STORE_CONTEXT_SIZE = 96;
export const STORE_IDENTITY_SIZE = 16;
const IDENTITY_NORM = 0.5;
const CATEGORY_WIDTH = 24;

const REFERENCE_FORMATS = ['LS', 'MS', 'SS'];
const REFERENCE_REGIONS = ['E01', 'E02', 'W01', 'W02', 'S01', 'S02', 'N01', 'N02', 'C01', 'C02'];

/** Formats by row of the table; the reference does not know the last (D-26). */
export const STORE_FORMATS = [...REFERENCE_FORMATS, 'XLS'];
/** Regions by row of the table; the reference does not know the last four, and two of its own never occur. */
export const STORE_REGIONS = [...REFERENCE_REGIONS, 'E03', 'N03', 'S03', 'W03'];

/** Seed of the rows that the corrected lists add. */
const APPENDED_SEED = 4205;

const [referenceFormats, referenceRegions] = drawTables([
  { rows: REFERENCE_FORMATS.length, width: CATEGORY_WIDTH },
  { rows: REFERENCE_REGIONS.length, width: CATEGORY_WIDTH },
]);
const [appendedFormats, appendedRegions] = drawTablesFrom(APPENDED_SEED, [
  { rows: STORE_FORMATS.length - REFERENCE_FORMATS.length, width: CATEGORY_WIDTH },
  { rows: STORE_REGIONS.length - REFERENCE_REGIONS.length, width: CATEGORY_WIDTH },
]);
export const formatTable: LookupTable = appendRows(referenceFormats, appendedFormats);
export const regionTable: LookupTable = appendRows(referenceRegions, appendedRegions);

/** Operations of a store on train weeks, each 0-1 over the stores; 0.5 where nothing is known. */
export interface StoreOperations {
  /** z: baskets per active week. */
  readonly size: number;
  /** t: customers per active week. */
  readonly traffic: number;
  /** k: average spend. The reference calls it competition, of which the data know nothing. */
  readonly spend: number;
  /** g: weeks in the data. */
  readonly age: number;
}

export const UNKNOWN_OPERATIONS: StoreOperations = { size: 0.5, traffic: 0.5, spend: 0.5, age: 0.5 };

export interface StoreContext {
  /** `LS`, `MS`, `SS`, `XLS`; anything else writes zeros. */
  readonly format: string;
  readonly region: string;
  /** Left out: zeros. */
  readonly operations?: StoreOperations;
  /** `[16]`, see {@link storeIdentity}. */
  readonly identity: ArrayLike<number>;
}

/** The identity of a store, `[16]`, norm 0.5: the stable stream of its id (3.7). */
export function storeIdentity(storeId: string): Float64Array {
  return scaledToIdentityNorm(namedNormals(storeId, STORE_IDENTITY_SIZE));
}

/**
 * The identity of a store that train never saw, `[16]`: the mean over the train stores of its format and region, at norm
 * 0.5 again; zeros when there is none.
 */
export function meanIdentity(identities: readonly ArrayLike<number>[]): Float64Array {
  const mean = Float64Array.from({ length: STORE_IDENTITY_SIZE }, (_, index) =>
    identities.reduce((sum, identity) => sum + (identity[index] ?? 0), 0),
  );
  return scaledToIdentityNorm(mean);
}

/** Writes T5, `[96]`. */
export function writeStoreContext(
  { out, offset }: TensorTarget,
  store: StoreContext,
  mode: EncoderMode = 'corrected',
): void {
  const formats = mode === 'reference' ? REFERENCE_FORMATS : STORE_FORMATS;
  const regions = mode === 'reference' ? REFERENCE_REGIONS : STORE_REGIONS;
  writeRow({ out, offset }, formatTable, formats.indexOf(store.format));
  writeRow({ out, offset: offset + 24 }, regionTable, regions.indexOf(store.region));
  out.fill(0, offset + 48, offset + 80);
  if (store.operations !== undefined) writeOperations({ out, offset: offset + 48 }, store.operations);
  for (let i = 0; i < STORE_IDENTITY_SIZE; i++) out[offset + 80 + i] = store.identity[i] ?? 0;
}

function writeOperations(
  { out, offset }: TensorTarget,
  { size, traffic, spend, age }: StoreOperations,
): void {
  for (const [index, value] of [size, traffic, spend, age].entries()) {
    out[offset + index] = value;
    out[offset + 4 + index] = 1 - value;
    out[offset + 8 + 4 * index] = Math.sin(Math.PI * value);
    out[offset + 9 + 4 * index] = Math.cos(Math.PI * value);
    out[offset + 10 + 4 * index] = Math.sin(2 * Math.PI * value);
    out[offset + 11 + 4 * index] = Math.cos(2 * Math.PI * value);
  }
  out[offset + 24] = size * traffic;
  out[offset + 25] = spend * (1 - traffic);
  out[offset + 26] = age * size;
  out[offset + 27] = traffic * (1 - spend);
}

function scaledToIdentityNorm(vector: Float64Array): Float64Array {
  const norm = Math.hypot(...vector);
  return norm === 0 ? vector : vector.map((value) => (IDENTITY_NORM * value) / norm);
}
