// T6: what kind of trip it is (spec section 4, 3.6). The four fields are also what the auxiliary heads predict, so the
// default input is what was known before the trip: the customer's shares so far, never the trip's own values (D-02).
//
//   0-15  mission type     16-31  mission focus     32-39  price sensitivity     40-47  basket size

import { drawTables, type LookupTable, writeRow } from './lookup-table.js';
import type { TensorTarget } from './tensor-target.js';

export const TRIP_CONTEXT_SIZE = 48;

/** Classes of the four fields in the order of the tables; a label is the position + 1, 0 is unknown. */
export const MISSION_TYPES = ['Top Up', 'Full Shop', 'Small Shop', 'Emergency'];
export const MISSION_FOCUSES = ['Fresh', 'Grocery', 'Mixed', 'Nonfood', 'General'];
export const PRICE_SENSITIVITIES = ['LA', 'MM', 'UM'];
export const BASKET_SIZES = ['S', 'M', 'L'];

export const TRIP_FIELDS = [
  { name: 'type', classes: MISSION_TYPES, offset: 0, width: 16 },
  { name: 'focus', classes: MISSION_FOCUSES, offset: 16, width: 16 },
  { name: 'sensitivity', classes: PRICE_SENSITIVITIES, offset: 32, width: 8 },
  { name: 'size', classes: BASKET_SIZES, offset: 40, width: 8 },
] as const;

/** 4 + 5 + 3 + 3 class shares, in the order of {@link TRIP_FIELDS}. */
export const TRIP_SHARES_SIZE = 15;

/** Values of an empty field in the reference: Top Up, Mixed, MM, M. */
const REFERENCE_EMPTY = ['Top Up', 'Mixed', 'MM', 'M'];

/** Trips that the shares of all customers count for in one customer's own. */
const PRIOR_WEIGHT = 5;

export const [typeTable, focusTable, sensitivityTable, sizeTable] = drawTables([
  { rows: MISSION_TYPES.length, width: 16 },
  { rows: MISSION_FOCUSES.length, width: 16 },
  { rows: PRICE_SENSITIVITIES.length, width: 8 },
  { rows: BASKET_SIZES.length, width: 8 },
]);
const tables: readonly LookupTable[] = [typeTable, focusTable, sensitivityTable, sizeTable];

/** The four fields of a trip as the data spell them; `XX` and other unknown values write zeros. */
export interface TripLabels {
  readonly type: string;
  readonly focus: string;
  readonly sensitivity: string;
  readonly size: string;
}

/** 1-based class of each field, 0 for unknown. */
export function tripLabelCodes(trip: TripLabels): [number, number, number, number] {
  return [
    MISSION_TYPES.indexOf(trip.type) + 1,
    MISSION_FOCUSES.indexOf(trip.focus) + 1,
    PRICE_SENSITIVITIES.indexOf(trip.sensitivity) + 1,
    BASKET_SIZES.indexOf(trip.size) + 1,
  ];
}

/** `observed`: writes T6, `[48]`, of the trip's own values, empty ones as the reference fills them. */
export function writeObservedTrip({ out, offset }: TensorTarget, trip: TripLabels): void {
  const values = [trip.type, trip.focus, trip.sensitivity, trip.size];
  for (const [index, field] of TRIP_FIELDS.entries()) {
    const value = values[index] || (REFERENCE_EMPTY[index] ?? '');
    const table = tables[index];
    if (table === undefined) continue;
    const classes: readonly string[] = field.classes;
    writeRow({ out, offset: offset + field.offset }, table, classes.indexOf(value));
  }
}

/** `prior`: writes T6, `[48]`, as the mixture of the tables' rows by class shares `[15]`. */
export function writeExpectedTrip({ out, offset }: TensorTarget, shares: ArrayLike<number>, from = 0): void {
  out.fill(0, offset, offset + TRIP_CONTEXT_SIZE);
  let share = from;
  for (const [index, field] of TRIP_FIELDS.entries()) {
    const table = tables[index];
    if (table === undefined) continue;
    for (let row = 0; row < field.classes.length; row++, share++) {
      const weight = shares[share] ?? 0;
      if (weight === 0) continue;
      for (let k = 0; k < field.width; k++) {
        const place = offset + field.offset + k;
        out[place] = (out[place] ?? 0) + weight * (table.values[row * field.width + k] ?? 0);
      }
    }
  }
}

/**
 * Class shares of one customer, `[15]`, from counts of earlier trips `[15]` (unknown values not counted) and the shares of
 * the train split: per field p_k = (count_k + 5 g_k) / (n + 5). Without trips, g itself.
 */
export function tripShares(counts: ArrayLike<number>, trainShares: ArrayLike<number>): Float64Array {
  const shares = new Float64Array(TRIP_SHARES_SIZE);
  let start = 0;
  for (const { classes } of TRIP_FIELDS) {
    let trips = 0;
    for (let k = 0; k < classes.length; k++) trips += counts[start + k] ?? 0;
    for (let k = 0; k < classes.length; k++) {
      shares[start + k] =
        ((counts[start + k] ?? 0) + PRIOR_WEIGHT * (trainShares[start + k] ?? 0)) / (trips + PRIOR_WEIGHT);
    }
    start += classes.length;
  }
  return shares;
}

/** Class shares of the train split, `[15]`, from its counts; a field without any known value is uniform. */
export function shareOfCounts(counts: ArrayLike<number>): Float64Array {
  const shares = new Float64Array(TRIP_SHARES_SIZE);
  let start = 0;
  for (const { classes } of TRIP_FIELDS) {
    let trips = 0;
    for (let k = 0; k < classes.length; k++) trips += counts[start + k] ?? 0;
    for (let k = 0; k < classes.length; k++) {
      shares[start + k] = trips === 0 ? 1 / classes.length : (counts[start + k] ?? 0) / trips;
    }
    start += classes.length;
  }
  return shares;
}
