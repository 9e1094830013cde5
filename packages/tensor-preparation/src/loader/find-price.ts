import type { Prices } from './tensor-columns.js';

/** Row of the price of a product in a store and week, 0 without one: a binary search over (week, store, product). */
export function findPrice(prices: Prices, week: number, storeRow: number, productRow: number): number {
  let low = 1;
  let high = prices.rows - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const order =
      prices.week(middle) - week ||
      prices.storeRow(middle) - storeRow ||
      prices.productRow(middle) - productRow;
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return 0;
}
