// The reference's own price encoding, defect by defect (spec section 3, layer 2): for parity only. `encodePrice` is what
// the project uses.
//
// Symbols of the spec:
//   a  actual price   b  base price   a'  price of the previous row of the series   v  velocity
//   m, s, lo, hi      mean, spread and range of the "group" up to the row's week; a group is the first seven characters
//                     of the product id (FP-1)

import { PRICE_ENCODING_SIZE, PRICE_HARMONICS } from '../price-encoding/index.js';

const EPSILON = 1e-6;

/** The four numbers that the log block is standardised with, over all rows of the table (FP-3). */
export interface LogMoments {
  readonly actualMean: number;
  readonly actualStd: number;
  readonly baseMean: number;
  readonly baseStd: number;
}

export interface GroupStatistics {
  readonly mean: number;
  readonly std: number;
  readonly lowest: number;
  readonly highest: number;
}

/** The group of a product: an arbitrary block of ids. */
export const groupOf = (productId: string): string => productId.slice(0, 7);

export function logOf(price: number): number {
  return Math.log(price + EPSILON);
}

/** Relative change of a price, within [-1, 1]. */
export function velocity(actual: number, previous: number): number {
  return Math.min(1, Math.max(-1, (actual - previous) / (previous + EPSILON)));
}

/** Writes the 64 numbers of one row to `out` from `offset`. */
export function encodeReferencePrice(
  out: Float32Array | Float64Array,
  offset: number,
  row: {
    readonly actual: number;
    readonly base: number;
    readonly velocity: number;
    readonly previousVelocity: number;
    readonly group: GroupStatistics;
  },
  moments: LogMoments,
): void {
  const { actual: a, base: b, group } = row;
  for (let k = 0; k < PRICE_HARMONICS.length; k++) {
    const angle = 2 * Math.PI * (PRICE_HARMONICS[k] ?? 0) * a;
    const sine = Math.sin(angle);
    const cosine = Math.cos(angle);
    out[offset + 2 * k] = sine;
    out[offset + 2 * k + 1] = cosine;
    if (k < 4) {
      out[offset + 16 + 2 * k] = sine * cosine;
      out[offset + 17 + 2 * k] = sine * sine;
    }
  }

  const la = logOf(a);
  const lb = logOf(b);
  out[offset + 24] = la;
  out[offset + 25] = lb;
  out[offset + 26] = lb - la;
  out[offset + 27] = (la - moments.actualMean) / (moments.actualStd + EPSILON);
  out[offset + 28] = (lb - moments.baseMean) / (moments.baseStd + EPSILON);
  out[offset + 29] = la * la;
  out[offset + 30] = Math.exp(-la);
  out[offset + 31] = Math.tanh(la);
  for (let i = 0; i < 8; i++) out[offset + 32 + i] = (i % 2 === 0 ? 1 : -1) * la ** ((i % 3) + 1);

  const r = a / (group.mean + EPSILON);
  const q = (a - group.lowest) / (group.highest - group.lowest + EPSILON);
  out[offset + 40] = r;
  out[offset + 41] = (a - group.mean) / (group.std + EPSILON);
  out[offset + 42] = q;
  out[offset + 43] = r > 1.3 ? 1 : 0;
  out[offset + 44] = r < 0.7 ? 1 : 0;
  out[offset + 45] = r >= 0.7 && r <= 1.3 ? 1 : 0;
  out[offset + 46] = Math.log(r + EPSILON);
  out[offset + 47] = r * r;
  for (let i = 0; i < 8; i++) out[offset + 48 + i] = Math.sin(Math.PI * q * (i + 1));

  const v = row.velocity;
  out[offset + 56] = v;
  out[offset + 57] = Math.min(1, Math.max(-1, v - row.previousVelocity));
  out[offset + 58] = v < -0.05 ? 1 : 0;
  out[offset + 59] = v > 0.05 ? 1 : 0;
  out[offset + 60] = v < -0.05 ? 1 : 0;
  out[offset + 61] = v >= -0.05 && v <= 0.05 ? 1 : 0;
  out[offset + 62] = Math.abs(v);
  out[offset + PRICE_ENCODING_SIZE - 1] = v * v;
}

/** Means, counts and ranges of one group by week. */
export interface GroupWeek {
  sum: number;
  count: number;
  lowest: number;
  highest: number;
}

/** Statistics of a group up to and including each of its weeks. */
export function groupStatistics(weeks: ReadonlyMap<number, GroupWeek>): ReadonlyMap<number, GroupStatistics> {
  const result = new Map<number, GroupStatistics>();
  const means: number[] = [];
  let sum = 0;
  let count = 0;
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (const week of [...weeks.keys()].sort((a, b) => a - b)) {
    const own = weeks.get(week);
    if (own === undefined) continue;
    means.push(own.sum / own.count);
    sum += own.sum;
    count += own.count;
    lowest = Math.min(lowest, own.lowest);
    highest = Math.max(highest, own.highest);
    const center = means.reduce((total, value) => total + value, 0) / means.length;
    const squares = means.reduce((total, value) => total + (value - center) ** 2, 0);
    const std = means.length < 2 ? 0.1 * center : Math.sqrt(squares / (means.length - 1));
    result.set(week, { mean: sum / count, std, lowest, highest });
  }
  return result;
}
