import { expect, test } from 'vitest';
import { pricesOf } from '../testing/product-prices.js';
import { categoryAverages, FEWEST_CATEGORY_PRICES } from './category-averages.js';

/** So many prices of `price` in one week, each in a store of its own. */
const many = (price: number, weekIdx: number, count = FEWEST_CATEGORY_PRICES) =>
  Array.from({ length: count }, (_, store) => ({ store, weekIdx, actual: price }));

test('an average knows earlier weeks only', () => {
  const averages = categoryAverages(1, 1, 10);
  averages.add(pricesOf('A', [...many(2, 3), ...many(4, 5)]), 0, 0);
  const found = averages.finish();
  expect(found.before(0, 0, 3)).toEqual({ price: Number.NaN, source: 2 });
  expect(found.before(0, 0, 4)).toEqual({ price: 2, source: 0 });
  expect(found.before(0, 0, 5)).toEqual({ price: 2, source: 0 });
  expect(found.before(0, 0, 6)).toEqual({ price: 3, source: 0 });
});

test('a thin sub-commodity asks its commodity, a thin commodity nobody', () => {
  const averages = categoryAverages(2, 1, 10);
  averages.add(pricesOf('A', many(2, 1, FEWEST_CATEGORY_PRICES - 1)), 0, 0);
  averages.add(pricesOf('B', many(6, 2, FEWEST_CATEGORY_PRICES - 1)), 1, 0);
  const found = averages.finish();
  expect(found.before(0, 0, 2).source).toBe(2);
  expect(found.before(0, 0, 3)).toEqual({ price: 4, source: 1 });
});

test('a price that nobody paid does not count', () => {
  const averages = categoryAverages(1, 1, 10);
  averages.add(pricesOf('A', [...many(2, 1), { store: 90, weekIdx: 1, actual: 99, observed: 0 }]), 0, 0);
  expect(averages.finish().before(0, 0, 2).price).toBe(2);
});
