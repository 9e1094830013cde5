// Reads a tensor back into words, from its numbers alone: what `inspect` prints, and the proof that a block carries what it
// is named after.

import {
  FIRST_SEGMENTS,
  firstSegmentTable,
  historyScale,
  SECOND_SEGMENTS,
  secondSegmentTable,
} from '../encoders/customer-context.js';
import type { LookupTable } from '../encoders/lookup-table.js';
import { formatTable, regionTable, STORE_FORMATS, STORE_REGIONS } from '../encoders/store-context.js';
import { hourTable, SEASONS, seasonTable, weekdayTable, weekTable } from '../encoders/temporal-context.js';
import { focusTable, sensitivityTable, sizeTable, TRIP_FIELDS, typeTable } from '../encoders/trip-context.js';

/** Two float32 roundings apart. */
const TOLERANCE = 1e-5;
const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const TREND_WEEKS = 116;
const RECENCY_DAYS = 364;

/** Row of the table that a vector is, -1 when it is none (zeros: unknown). */
export function rowOfVector(table: LookupTable, vector: ArrayLike<number>): number {
  const rows = table.values.length / table.width;
  for (let row = 0; row < rows; row++) {
    let same = true;
    for (let i = 0; i < table.width && same; i++) {
      same = Math.abs((vector[i] ?? 0) - (table.values[row * table.width + i] ?? 0)) < TOLERANCE;
    }
    if (same) return row;
  }
  return -1;
}

/** Weights of the table's rows whose mixture is nearest to a vector (least squares by the normal equations). */
export function mixtureOfRows(table: LookupTable, vector: ArrayLike<number>): number[] {
  const rows = table.values.length / table.width;
  const system = Array.from({ length: rows }, (_, i) =>
    Float64Array.from({ length: rows + 1 }, (__, j) => {
      let sum = 0;
      for (let k = 0; k < table.width; k++) {
        const other = j < rows ? (table.values[j * table.width + k] ?? 0) : (vector[k] ?? 0);
        sum += (table.values[i * table.width + k] ?? 0) * other;
      }
      return sum;
    }),
  );
  for (let column = 0; column < rows; column++) {
    const pivot = system[column];
    if (pivot === undefined) continue;
    for (const row of system) {
      if (row === pivot) continue;
      const factor = (row[column] ?? 0) / (pivot[column] ?? 1);
      for (let k = column; k <= rows; k++) row[k] = (row[k] ?? 0) - factor * (pivot[k] ?? 0);
    }
  }
  return system.map((row, place) => (row[rows] ?? 0) / (row[place] ?? 1));
}

/** The share behind F8: the first pair is sin(pi v), cos(pi v); `undefined` for eight zeros. */
export function shareOfHarmonics(vector: ArrayLike<number>): number | undefined {
  const sine = vector[0] ?? 0;
  const cosine = vector[1] ?? 0;
  if (sine === 0 && cosine === 0) return undefined;
  return Math.atan2(sine, cosine) / Math.PI;
}

export interface DecodedCustomer {
  readonly isAnonymous: boolean;
  readonly firstSegment: string;
  readonly secondSegment: string;
  /** Length of the history vector before scaling by trip count. */
  readonly historyNorm: number;
  readonly loyalty: number;
  readonly switching: number;
  readonly regions: number;
}

/** T1, `[192]`; `trips` undoes the scaling by trip count. */
export function decodeCustomer(t1: Float32Array, trips: number): DecodedCustomer {
  const scale = historyScale(trips);
  return {
    isAnonymous: t1.every((value) => value === 0),
    firstSegment: FIRST_SEGMENTS[rowOfVector(firstSegmentTable, t1.subarray(0, 32))] ?? 'unknown',
    secondSegment: SECOND_SEGMENTS[rowOfVector(secondSegmentTable, t1.subarray(32, 64))] ?? 'unknown',
    historyNorm: Math.hypot(...t1.subarray(64, 160)) / scale,
    loyalty: (t1[176] ?? 0) / scale,
    switching: (t1[177] ?? 0) / scale,
    regions: (10 * (t1[178] ?? 0)) / scale,
  };
}

export interface DecodedTime {
  readonly fiscalWeek: number;
  readonly weekday: string;
  readonly hour: number;
  readonly isHoliday: boolean;
  readonly season: string;
  /** Calendar week, from 1. */
  readonly week: number;
  /** `undefined`: the first basket. Of 364 and more days only 364 is left. */
  readonly recencyDays: number | undefined;
}

/** T3, `[64]`. */
export function decodeTime(t3: Float32Array): DecodedTime {
  const recency = shareOfHarmonics(t3.subarray(56));
  return {
    fiscalWeek: rowOfVector(weekTable, t3.subarray(0, 16)),
    weekday: WEEKDAYS[rowOfVector(weekdayTable, t3.subarray(16, 24)) - 1] ?? 'unknown',
    hour: rowOfVector(hourTable, t3.subarray(24, 32)),
    isHoliday: t3[32] === 0.5,
    season: SEASONS[rowOfVector(seasonTable, t3.subarray(40, 48))] ?? 'unknown',
    week: Math.round((shareOfHarmonics(t3.subarray(48)) ?? 0) * TREND_WEEKS) + 1,
    recencyDays: recency === undefined ? undefined : Math.round(recency * RECENCY_DAYS),
  };
}

export interface DecodedPrice {
  readonly actual: number;
  readonly base: number;
  readonly categoryAverage: number;
  /** Change against the prior price, -1 to 1. */
  readonly change: number;
}

/** T4 of one item, `[64]`; `undefined` for zeros (no price, or hidden). Clipped values come back clipped. */
export function decodePrice(t4: Float32Array): DecodedPrice | undefined {
  if (t4.every((value) => value === 0)) return undefined;
  const actual = Math.exp(t4[24] ?? 0);
  return {
    actual,
    base: Math.exp(t4[25] ?? 0),
    categoryAverage: actual / (t4[40] ?? 1),
    change: t4[56] ?? 0,
  };
}

export interface DecodedStore {
  readonly format: string;
  readonly region: string;
  readonly size: number;
  readonly traffic: number;
  readonly spend: number;
  readonly age: number;
}

/** T5, `[96]`. */
export function decodeStore(t5: Float32Array): DecodedStore {
  return {
    format: STORE_FORMATS[rowOfVector(formatTable, t5.subarray(0, 24))] ?? 'unknown',
    region: STORE_REGIONS[rowOfVector(regionTable, t5.subarray(24, 48))] ?? 'unknown',
    size: t5[48] ?? 0,
    traffic: t5[49] ?? 0,
    spend: t5[50] ?? 0,
    age: t5[51] ?? 0,
  };
}

export interface DecodedField {
  readonly name: string;
  /** Classes with their share, largest first. */
  readonly shares: readonly { readonly value: string; readonly share: number }[];
}

/** T6, `[48]`: the mixture of classes that each field is. */
export function decodeTrip(t6: Float32Array): DecodedField[] {
  const tables = [typeTable, focusTable, sensitivityTable, sizeTable];
  return TRIP_FIELDS.map(({ name, classes, offset, width }, field) => {
    const table = tables[field];
    const weights = table === undefined ? [] : mixtureOfRows(table, t6.subarray(offset, offset + width));
    return {
      name,
      shares: classes
        .map((value, place) => ({ value, share: weights[place] ?? 0 }))
        .sort((a, b) => b.share - a.share),
    };
  });
}
