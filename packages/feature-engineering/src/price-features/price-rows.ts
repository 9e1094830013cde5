// Collects rows of the price features into batches.

import type { BatchOf } from '@retail-sim/artifacts';
import { PRICE_ENCODING_SIZE } from '../price-encoding/index.js';
import type { priceFeatures } from '../schemas/price-features.js';

export type PriceBatch = BatchOf<typeof priceFeatures>;

/** What the dictionary columns of all batches mean. */
export interface PriceDictionaries {
  readonly products: readonly string[];
  readonly stores: readonly string[];
  readonly categorySources: readonly string[];
  readonly priorSources: readonly string[];
}

/** One batch in the making. The caller fills the columns at `rows` and counts up. */
export interface PriceRows {
  rows: number;
  readonly capacity: number;
  readonly product: Uint32Array;
  readonly store: Uint32Array;
  readonly week: Int32Array;
  readonly weekIdx: Int16Array;
  readonly actual: Float64Array;
  readonly base: Float64Array;
  readonly category: Float64Array;
  readonly prior: Float64Array;
  readonly discount: Float64Array;
  readonly categorySource: Uint8Array;
  readonly priorSource: Uint8Array;
  /** `[capacity, 64]`, or empty where the encoding is left out. */
  readonly encoding: Float32Array;
}

export function priceRows(capacity: number, isEncoded: boolean): PriceRows {
  return {
    rows: 0,
    capacity,
    product: new Uint32Array(capacity),
    store: new Uint32Array(capacity),
    week: new Int32Array(capacity),
    weekIdx: new Int16Array(capacity),
    actual: new Float64Array(capacity),
    base: new Float64Array(capacity),
    category: new Float64Array(capacity),
    prior: new Float64Array(capacity),
    discount: new Float64Array(capacity),
    categorySource: new Uint8Array(capacity),
    priorSource: new Uint8Array(capacity),
    encoding: new Float32Array(isEncoded ? capacity * PRICE_ENCODING_SIZE : 0),
  };
}

export function priceBatch(filled: PriceRows, dictionaries: PriceDictionaries): PriceBatch {
  const { rows } = filled;
  const isEncoded = filled.encoding.length > 0;
  const encoding = isEncoded
    ? filled.encoding.subarray(0, rows * PRICE_ENCODING_SIZE)
    : new Float32Array(rows * PRICE_ENCODING_SIZE);
  return {
    rows,
    columns: {
      product_id: { codes: filled.product.subarray(0, rows), values: dictionaries.products },
      store_id: { codes: filled.store.subarray(0, rows), values: dictionaries.stores },
      week: filled.week.subarray(0, rows),
      week_idx: filled.weekIdx.subarray(0, rows),
      actual_price: filled.actual.subarray(0, rows),
      base_price: filled.base.subarray(0, rows),
      category_price: filled.category.subarray(0, rows),
      prior_price: filled.prior.subarray(0, rows),
      discount_depth: filled.discount.subarray(0, rows),
      category_source: {
        codes: filled.categorySource.subarray(0, rows),
        values: dictionaries.categorySources,
      },
      prior_source: { codes: filled.priorSource.subarray(0, rows), values: dictionaries.priorSources },
      encoding: { data: encoding, valid: new Uint8Array(rows).fill(isEncoded ? 1 : 0) },
    },
  };
}
