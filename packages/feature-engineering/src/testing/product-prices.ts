import type { ProductPrices } from '../read-processed/stream-product-prices.js';

export interface PriceCell {
  readonly store: number;
  readonly weekIdx: number;
  readonly actual: number;
  readonly base?: number;
  readonly promo?: number;
  readonly observed?: number;
}

/** Prices of one product as the stream yields them; sorts by (store, week). */
export function pricesOf(productId: string, given: readonly PriceCell[]): ProductPrices {
  const cells = given.toSorted((a, b) => a.store - b.store || a.weekIdx - b.weekIdx);
  const base = cells.map((cell) => cell.base ?? cell.actual);
  return {
    productId,
    cells: cells.length,
    store: Uint32Array.from(cells, (cell) => cell.store),
    week: Int32Array.from(cells, (cell) => 200600 + cell.weekIdx),
    weekIdx: Int16Array.from(cells, (cell) => cell.weekIdx),
    actual: Float64Array.from(cells, (cell) => cell.actual),
    base: Float64Array.from(base),
    discount: Float64Array.from(cells, (cell, place) => 1 - cell.actual / (base[place] ?? 1)),
    promo: Uint8Array.from(cells, (cell) => cell.promo ?? 0),
    observed: Uint8Array.from(cells, (cell) => cell.observed ?? 1),
  };
}
