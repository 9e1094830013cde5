// The customer's earlier baskets, one token each: what the history encoder reads (spec section 5, 2.8 step 3).

import type { BatchHistory } from '../batch.js';
import { SEQUENCE_SIZE } from '../dimensions.js';
import { PRICE_VECTOR_SIZE } from '../encoders/price-context.js';
import { PRODUCT_VECTOR_SIZE } from '../encoders/product-sequence.js';
import { writePriceOfRow } from './item-prices.js';
import type { TensorTables } from './tensor-columns.js';

/** Ages beyond the calendar of the full data count as its length. */
const LARGEST_AGE = 117;

/** The newest `limit` baskets of the customer before this one in time order, oldest first (event as-of). */
export function earlierBaskets(tables: TensorTables, basketRow: number, limit: number): Uint32Array {
  const customerRow = tables.samples.customerRow(basketRow);
  if (customerRow === 0) return new Uint32Array();
  const position = tables.samples.timelinePosition(basketRow);
  return Uint32Array.from(tables.timeline(customerRow).subarray(Math.max(0, position - limit), position));
}

/** History of a batch, padded on the right to its longest. */
export function historyOfBatch(tables: TensorTables, basketRows: Uint32Array, limit: number): BatchHistory {
  const histories = Array.from(basketRows, (row) => earlierBaskets(tables, row, limit));
  const length = histories.reduce((longest, history) => Math.max(longest, history.length), 0);
  const tokens = new Float32Array(basketRows.length * length * SEQUENCE_SIZE);
  const valid = new Uint8Array(basketRows.length * length);
  const age = new Int32Array(basketRows.length * length);
  for (const [index, history] of histories.entries()) {
    const week = tables.samples.week(basketRows[index] ?? 0);
    for (const [place, earlier] of history.entries()) {
      const slot = index * length + place;
      valid[slot] = 1;
      age[slot] = Math.min(Math.max(week - tables.samples.week(earlier), 0), LARGEST_AGE);
      writeHistoryToken(tables, earlier, tokens, slot * SEQUENCE_SIZE);
    }
  }
  return { length, tokens, valid, age };
}

const price = new Float32Array(PRICE_VECTOR_SIZE);

/** Writes `[320]`: the mean T2 of the basket's products, then the mean T4 of those with a price. */
function writeHistoryToken(tables: TensorTables, basketRow: number, out: Float32Array, offset: number): void {
  const { samples, products } = tables;
  const tokens = samples.tokens(basketRow);
  for (let i = 0; i < tokens.length; i++) {
    const row = (tokens[i] ?? 0) * PRODUCT_VECTOR_SIZE;
    for (let k = 0; k < PRODUCT_VECTOR_SIZE; k++) {
      out[offset + k] = (out[offset + k] ?? 0) + (products.embeddings[row + k] ?? 0);
    }
  }
  divide(out, offset, PRODUCT_VECTOR_SIZE, tokens.length);

  const rows = samples.priceRows(basketRow);
  const start = offset + PRODUCT_VECTOR_SIZE;
  let priced = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] ?? 0;
    if (row === 0) continue;
    priced++;
    writePriceOfRow(tables, row, price, 0);
    for (let k = 0; k < PRICE_VECTOR_SIZE; k++) out[start + k] = (out[start + k] ?? 0) + (price[k] ?? 0);
  }
  divide(out, start, PRICE_VECTOR_SIZE, priced);
}

function divide(out: Float32Array, offset: number, length: number, by: number): void {
  if (by < 2) return;
  const factor = 1 / by;
  for (let k = offset; k < offset + length; k++) out[k] = (out[k] ?? 0) * factor;
}
