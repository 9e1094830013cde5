import type { WeekRows } from '../baskets/week-baskets.js';

/** Order of the rows in a file: by store, then product code, as LGSR's files mostly are. */
export function fileOrder(
  { baskets, basketOf, productOf }: WeekRows,
  stores: number,
  products: number,
): Uint32Array {
  const storeOf = Uint32Array.from(basketOf, (basket) => baskets[basket]?.store ?? 0);
  const byProduct = stableOrder(productOf, products, Uint32Array.from(productOf.keys()));
  return stableOrder(storeOf, stores, byProduct);
}

/** Sorts `order` by small whole keys and keeps the order of equal ones: a counting sort. */
function stableOrder(keys: ArrayLike<number>, bound: number, order: Uint32Array): Uint32Array {
  const starts = new Uint32Array(bound + 1);
  for (let row = 0; row < order.length; row++) {
    const key = keys[row] ?? 0;
    starts[key + 1] = (starts[key + 1] ?? 0) + 1;
  }
  for (let key = 0; key < bound; key++) starts[key + 1] = (starts[key + 1] ?? 0) + (starts[key] ?? 0);
  const sorted = new Uint32Array(order.length);
  for (const row of order) {
    const key = keys[row] ?? 0;
    const place = starts[key] ?? 0;
    sorted[place] = row;
    starts[key] = place + 1;
  }
  return sorted;
}
