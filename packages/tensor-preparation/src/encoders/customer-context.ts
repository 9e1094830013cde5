// T1: who shops, as of the week of the trip (spec section 4, 3.1).
//
//   0-31    first segment        64-159   history           176-179  loyalty L, switching X, regions D / 10, 1 - L
//   32-63   second segment       160-175  primary store     180-191  their squares, sin(pi .), cos(pi .)

import { namedNormals } from '@retail-sim/random';
import { drawTables, writeRow } from './lookup-table.js';
import type { EncoderMode, TensorTarget } from './tensor-target.js';

export const CUSTOMER_CONTEXT_SIZE = 192;

/** Codes of the first segment; the position is the table's row. Only the first four occur in LGSR. */
export const FIRST_SEGMENTS = 'CT AZ BG DY EF GH IJ KL MN OP QR ST UV WX YZ AA BB CC DD EE'.split(' ');
/** Codes of the second segment. Only the first six occur in LGSR. */
export const SECOND_SEGMENTS =
  'DI FN BU CZ EQ AT GR HI JK LM NO PQ RS TU VW XY ZA AB BC CD DE EF FG GH HJ IK JL KM LN MO'.split(' ');

/** Numbers of the history that T1 carries. */
export const HISTORY_SIZE = 96;
/** Layer 4 writes 128 numbers of history, then 32 statistics. */
const LAYER_4_HISTORY = 128;
const STATISTICS_SIZE = 32;

export const PRIMARY_STORE_SIZE = 16;
const PRIMARY_STORE_SCALE = 0.1;

/** A customer with fewer trips is a cold start and weighs its own history less. */
const COLD_START_TRIPS = 5;
const COLD_START_BLEND = 0.8;
const LOWEST_BLEND = 0.2;
const REGIONS_SCALE = 10;

export const [firstSegmentTable, secondSegmentTable] = drawTables([
  { rows: FIRST_SEGMENTS.length, width: 32 },
  { rows: SECOND_SEGMENTS.length, width: 32 },
]);

/** Where a customer shops, from stage 3, as of the week of the trip. */
export interface StoreAffinity {
  /** L: Herfindahl index of the visits, (0, 1]. */
  readonly loyalty: number;
  /** X: share of weeks with a new store, [0, 1]. */
  readonly switching: number;
  /** D: regions visited. */
  readonly regions: number;
  /** `[16]`, see {@link primaryStoreVector}. */
  readonly primaryStore: ArrayLike<number>;
}

export interface CustomerContext {
  /** Row of {@link FIRST_SEGMENTS}, -1 when unknown. */
  readonly firstSegment: number;
  readonly secondSegment: number;
  /** `[96]`, see {@link historySlice}; left out without earlier trips. */
  readonly history?: ArrayLike<number>;
  /** Trips before the week of this one. */
  readonly trips: number;
  readonly affinity?: StoreAffinity;
}

/** How much a vector of `trips` trips is held back: 0.8 below five trips, then 1 / ln(n + 1), at least 0.2. */
export function blendWeight(trips: number): number {
  return trips < COLD_START_TRIPS ? COLD_START_BLEND : Math.max(LOWEST_BLEND, 1 / Math.log(trips + 1));
}

/** s = 1 - alpha / 2: 0.6 for a cold start, 0.9 at most. */
export function historyScale(trips: number): number {
  return 1 - blendWeight(trips) / 2;
}

/**
 * The 96 numbers of a layer-4 vector `[160]` that T1 carries: in `corrected` mode 64 of history and all 32 statistics; the
 * reference takes the first 96 and so loses every statistic (D-21).
 */
export function historySlice(layer4: ArrayLike<number>, mode: EncoderMode = 'corrected'): Float64Array {
  const kept = mode === 'reference' ? HISTORY_SIZE : HISTORY_SIZE - STATISTICS_SIZE;
  return Float64Array.from({ length: HISTORY_SIZE }, (_, index) =>
    index < kept ? (layer4[index] ?? 0) : (layer4[LAYER_4_HISTORY + index - kept] ?? 0),
  );
}

/** The vector of a primary store, `[16]`: 0.1 x normals of the store's own stable stream (3.7). */
export function primaryStoreVector(storeId: string): Float64Array {
  return namedNormals(storeId, PRIMARY_STORE_SIZE).map((value) => PRIMARY_STORE_SCALE * value);
}

/** Writes T1, `[192]`. An anonymous customer is 192 zeros: pass `undefined`. */
export function writeCustomerContext(target: TensorTarget, customer: CustomerContext | undefined): void {
  const { out, offset } = target;
  out.fill(0, offset, offset + CUSTOMER_CONTEXT_SIZE);
  if (customer === undefined) return;
  writeRow({ out, offset }, firstSegmentTable, customer.firstSegment);
  writeRow({ out, offset: offset + 32 }, secondSegmentTable, customer.secondSegment);

  const scale = historyScale(customer.trips);
  const { history, affinity } = customer;
  if (history !== undefined) {
    for (let i = 0; i < HISTORY_SIZE; i++) out[offset + 64 + i] = scale * (history[i] ?? 0);
  }
  if (affinity === undefined) return;
  for (let i = 0; i < PRIMARY_STORE_SIZE; i++) {
    out[offset + 160 + i] = scale * (affinity.primaryStore[i] ?? 0);
  }
  writeAffinity(out, offset, scale, 0, affinity.loyalty);
  writeAffinity(out, offset, scale, 1, affinity.switching);
  writeAffinity(out, offset, scale, 2, affinity.regions / REGIONS_SCALE);
  writeAffinity(out, offset, scale, 3, 1 - affinity.loyalty);
}

function writeAffinity(
  out: TensorTarget['out'],
  offset: number,
  scale: number,
  index: number,
  value: number,
): void {
  out[offset + 176 + index] = scale * value;
  out[offset + 180 + index] = scale * value * value;
  out[offset + 184 + index] = scale * Math.sin(Math.PI * value);
  out[offset + 188 + index] = scale * Math.cos(Math.PI * value);
}
