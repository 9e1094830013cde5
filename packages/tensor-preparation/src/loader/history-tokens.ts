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

/** Writes `[320]`: the mean T2 of the basket's products, then the mean T4 of those with a price. */
function writeHistoryToken(tables: TensorTables, basketRow: number, out: Float32Array, offset: number): void {
  const tokens = tables.samples.tokens(basketRow);
  addEmbeddings(tables.products.embeddings, tokens, out, offset);
  divide(out, offset, PRODUCT_VECTOR_SIZE, tokens.length);
  out.set(meanPrice(tables, basketRow), offset + PRODUCT_VECTOR_SIZE);
}

/**
 * Adds the rows of the tokens to `out`, `[256]`, four at a time: each number is read and written once for four rows. Every
 * partial sum is rounded to float32, as if the rows had been added one by one.
 */
function addEmbeddings(
  embeddings: Float32Array,
  tokens: Uint16Array | Uint32Array,
  out: Float32Array,
  offset: number,
): void {
  const { fround } = Math;
  const row = (place: number) => (tokens[place] ?? 0) * PRODUCT_VECTOR_SIZE;
  let i = 0;
  for (; i + 4 <= tokens.length; i += 4) {
    const [a, b, c, d] = [row(i), row(i + 1), row(i + 2), row(i + 3)];
    for (let k = 0; k < PRODUCT_VECTOR_SIZE; k++) {
      const two = fround(
        fround((out[offset + k] ?? 0) + (embeddings[a + k] ?? 0)) + (embeddings[b + k] ?? 0),
      );
      out[offset + k] = fround(two + (embeddings[c + k] ?? 0)) + (embeddings[d + k] ?? 0);
    }
  }
  for (; i < tokens.length; i++) {
    const a = row(i);
    for (let k = 0; k < PRODUCT_VECTOR_SIZE; k++) {
      out[offset + k] = (out[offset + k] ?? 0) + (embeddings[a + k] ?? 0);
    }
  }
}

/** Baskets whose mean T4 is kept, 128 MiB of them: a basket is the history of up to 50 later ones. */
const KEPT_PRICES = 2 ** 19;

interface KeptPrices {
  /** `[kept]`: the basket whose mean lies here, -1 none. Basket `i` lies in place `i % kept`. */
  readonly basketRows: Int32Array;
  /** `[kept, 64]`. */
  readonly means: Float32Array;
}
const keptPrices = new WeakMap<TensorTables, KeptPrices>();

/** Mean T4 of the items with a price, `[64]`; a view that is valid until the next call. */
function meanPrice(tables: TensorTables, basketRow: number): Float32Array {
  const { basketRows, means } = keptPrices.get(tables) ?? keepPrices(tables);
  const place = basketRow % basketRows.length;
  const mean = means.subarray(place * PRICE_VECTOR_SIZE, (place + 1) * PRICE_VECTOR_SIZE);
  if (basketRows[place] !== basketRow) {
    writeMeanPrice(tables, basketRow, mean);
    basketRows[place] = basketRow;
  }
  return mean;
}

function keepPrices(tables: TensorTables): KeptPrices {
  const kept = Math.min(tables.samples.rows, KEPT_PRICES);
  const prices = {
    basketRows: new Int32Array(kept).fill(-1),
    means: new Float32Array(kept * PRICE_VECTOR_SIZE),
  };
  keptPrices.set(tables, prices);
  return prices;
}

const price = new Float32Array(PRICE_VECTOR_SIZE);

function writeMeanPrice(tables: TensorTables, basketRow: number, mean: Float32Array): void {
  const rows = tables.samples.priceRows(basketRow);
  mean.fill(0);
  let priced = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] ?? 0;
    if (row === 0) continue;
    priced++;
    writePriceOfRow(tables, row, price, 0);
    for (let k = 0; k < PRICE_VECTOR_SIZE; k++) mean[k] = (mean[k] ?? 0) + (price[k] ?? 0);
  }
  divide(mean, 0, PRICE_VECTOR_SIZE, priced);
}

function divide(out: Float32Array, offset: number, length: number, by: number): void {
  if (by < 2) return;
  const factor = 1 / by;
  for (let k = offset; k < offset + length; k++) out[k] = (out[k] ?? 0) * factor;
}
