// T4 of the items of a basket, as the model sees them.

import { encodePriceInto } from '@retail-sim/feature-engineering/price-encoding';
import { PRICE_VECTOR_SIZE } from '../encoders/price-context.js';
import { findPrice } from './find-price.js';
import type { TensorTables } from './tensor-columns.js';

/** Writes T4 of a row of the price table, `[64]`; row 0 is no price: zeros. */
export function writePriceOfRow(tables: TensorTables, row: number, out: Float32Array, offset: number): void {
  if (row === 0) {
    out.fill(0, offset, offset + PRICE_VECTOR_SIZE);
    return;
  }
  const { prices } = tables;
  encodePriceInto(
    { out, offset },
    prices.actual(row),
    prices.base(row),
    prices.categoryAverage(row),
    prices.prior(row),
  );
}

/**
 * Writes T4 of a product that stands in for another one: its price in the same store and week, or, as most products are
 * not sold in most weeks of a store, its median price of the fit window beside the category's average of that week. A
 * missing price would tell the model which items are not the customer's.
 */
export function writePriceOfReplacement(
  tables: TensorTables,
  basketRow: number,
  token: number,
  out: Float32Array,
  offset: number,
): void {
  const { samples, prices, products } = tables;
  const week = samples.week(basketRow);
  const row = findPrice(prices, week, samples.storeRow(basketRow), token);
  if (row > 0) {
    writePriceOfRow(tables, row, out, offset);
    return;
  }
  const typical = products.typicalPrice[token] ?? 0;
  if (typical === 0) {
    out.fill(0, offset, offset + PRICE_VECTOR_SIZE);
    return;
  }
  const average = tables.categoryAverage(products.category[token] ?? 0, week) || typical;
  encodePriceInto({ out, offset }, typical, typical, average, typical);
}
