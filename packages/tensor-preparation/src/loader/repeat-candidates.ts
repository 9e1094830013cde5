// What the customer bought before: candidates and features of the repeat head (spec section 5, 6.3), event as-of.

import type { BatchRepeats } from '../batch.js';
import type { TensorTables } from './tensor-columns.js';

/** Weeks after which a purchase counts 1/e. */
const RECENCY_WEEKS = 4;
const FEATURES = 3;

/** Candidates of every basket of a batch; an anonymous basket has none. */
export function repeatsOfBatch(tables: TensorTables, basketRows: Uint32Array): BatchRepeats {
  const { samples, vocabulary } = tables;
  const times = new Uint32Array(vocabulary.products + 1);
  const lastWeek = new Uint16Array(vocabulary.products + 1);
  const offsets = new Int32Array(basketRows.length + 1);
  const productIds: number[] = [];
  const features: number[] = [];
  for (const [index, basketRow] of basketRows.entries()) {
    const week = samples.week(basketRow);
    const position = samples.timelinePosition(basketRow);
    const known = countPurchases(tables, basketRow, times, lastWeek);
    for (const token of known.sort((a, b) => a - b)) {
      const bought = times[token] ?? 0;
      productIds.push(token);
      features.push(
        Math.log(1 + bought),
        bought / position,
        Math.exp(-(week - (lastWeek[token] ?? week)) / RECENCY_WEEKS),
      );
      times[token] = 0;
    }
    offsets[index + 1] = productIds.length;
  }
  if (features.length !== FEATURES * productIds.length)
    throw new RangeError('features and candidates differ');
  return { offsets, productIds: Int32Array.from(productIds), features: Float32Array.from(features) };
}

/** Fills how often and when last each product was bought before this basket; returns the products. */
function countPurchases(
  tables: TensorTables,
  basketRow: number,
  times: Uint32Array,
  lastWeek: Uint16Array,
): number[] {
  const { samples } = tables;
  const customerRow = samples.customerRow(basketRow);
  if (customerRow === 0) return [];
  const earlier = tables.timeline(customerRow).subarray(0, samples.timelinePosition(basketRow));
  const known: number[] = [];
  for (const row of Uint32Array.from(earlier)) {
    const week = samples.week(row);
    const tokens = samples.tokens(row);
    for (let i = 0; i < tokens.length; i++) {
      const token = tokens[i] ?? 0;
      const before = times[token] ?? 0;
      if (before === 0) known.push(token);
      times[token] = before + 1;
      lastWeek[token] = week;
    }
  }
  return known;
}
