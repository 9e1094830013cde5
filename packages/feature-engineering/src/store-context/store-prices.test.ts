import { expect, test } from 'vitest';
import { pricesOf } from '../testing/product-prices.js';
import { storePriceSums } from './store-prices.js';

test('a store is compared with the median of the chain in the same week', () => {
  const sums = storePriceSums(3);
  sums.add(
    pricesOf('A', [
      { store: 0, weekIdx: 1, actual: 1 },
      { store: 1, weekIdx: 1, actual: 2, promo: 1 },
      { store: 2, weekIdx: 1, actual: 4 },
      { store: 2, weekIdx: 2, actual: 4 },
    ]),
    5,
  );
  expect(sums.of(0)).toEqual({ products: 1, cells: 1, promotions: 0, relativeSum: 0.5 });
  expect(sums.of(1)).toEqual({ products: 1, cells: 1, promotions: 1, relativeSum: 1 });
  expect(sums.of(2)).toEqual({ products: 1, cells: 2, promotions: 0, relativeSum: 3 });
});

test('weeks after the cut-off do not count', () => {
  const sums = storePriceSums(1);
  sums.add(pricesOf('A', [{ store: 0, weekIdx: 6, actual: 1 }]), 5);
  sums.add(pricesOf('B', [{ store: 0, weekIdx: 5, actual: 1 }]), 5);
  expect(sums.of(0)).toEqual({ products: 1, cells: 1, promotions: 0, relativeSum: 1 });
});
