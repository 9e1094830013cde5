// How each store prices: assortment, promotions, level against the chain (spec section 3, layer 5, dims 25-27).

import { medianOfSorted } from '../arithmetic/quantile.js';
import type { ProductPrices } from '../read-processed/stream-product-prices.js';

export interface StorePrices {
  /** Products with a price. */
  readonly products: number;
  readonly cells: number;
  /** Cells on promotion. */
  readonly promotions: number;
  /** Sum over the cells of the price divided by the chain's median price of that product and week. */
  readonly relativeSum: number;
}

/** Takes in one product after the other. */
export function storePriceSums(stores: number) {
  const products = new Uint32Array(stores);
  const cells = new Uint32Array(stores);
  const promotions = new Uint32Array(stores);
  const relative = new Float64Array(stores);

  function add(prices: ProductPrices, fitThroughWeek: number): void {
    const medians = weeklyMedians(prices, fitThroughWeek);
    let last = -1;
    for (let cell = 0; cell < prices.cells; cell++) {
      const week = prices.weekIdx[cell] ?? 0;
      if (week > fitThroughWeek) continue;
      const store = prices.store[cell] ?? 0;
      if (store !== last) products[store] = (products[store] ?? 0) + 1;
      last = store;
      cells[store] = (cells[store] ?? 0) + 1;
      promotions[store] = (promotions[store] ?? 0) + (prices.promo[cell] ?? 0);
      const median = medians.get(week) ?? 0;
      relative[store] = (relative[store] ?? 0) + (median > 0 ? (prices.actual[cell] ?? 0) / median : 1);
    }
  }

  function of(store: number): StorePrices {
    return {
      products: products[store] ?? 0,
      cells: cells[store] ?? 0,
      promotions: promotions[store] ?? 0,
      relativeSum: relative[store] ?? 0,
    };
  }

  return { add, of };
}

/** Median over the stores of each week of one product. */
function weeklyMedians(prices: ProductPrices, fitThroughWeek: number): ReadonlyMap<number, number> {
  const byWeek = new Map<number, number[]>();
  for (let cell = 0; cell < prices.cells; cell++) {
    const week = prices.weekIdx[cell] ?? 0;
    if (week > fitThroughWeek) continue;
    const price = prices.actual[cell] ?? 0;
    const known = byWeek.get(week);
    if (known === undefined) byWeek.set(week, [price]);
    else known.push(price);
  }
  return new Map(
    [...byWeek].map(([week, values]) => [week, medianOfSorted(Float64Array.from(values).sort())]),
  );
}
