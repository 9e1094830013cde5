import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type PriceCell, pricesOf } from '../testing/product-prices.js';
import { PRIOR_SOURCES, priorPrices } from './prior-prices.js';

/** Stores 0 and 1 in region 0, store 2 in region 1, store 3 without a region. */
const REGIONS = Int16Array.of(0, 0, 1, -1);
const WEEKS = 30;

const found = (cells: readonly PriceCell[]) => {
  const prices = pricesOf('A', cells);
  const { price, source } = priorPrices(prices, REGIONS, 2, WEEKS);
  return Array.from(price, (value, cell) => [
    prices.store[cell],
    prices.weekIdx[cell],
    value,
    PRIOR_SOURCES[source[cell] ?? 0],
  ]);
};

test('the price of the same store, when it is at most four weeks old', () => {
  expect(
    found([
      { store: 0, weekIdx: 1, actual: 1 },
      { store: 0, weekIdx: 5, actual: 2 },
    ]),
  ).toEqual([
    [0, 1, 1, 'own'],
    [0, 5, 1, 'store'],
  ]);
});

test('an old price of the store gives way to the mean of the region, an old one of the region to the chain', () => {
  expect(
    found([
      { store: 0, weekIdx: 1, actual: 1 },
      { store: 0, weekIdx: 9, actual: 2 },
      { store: 1, weekIdx: 6, actual: 3 },
      { store: 2, weekIdx: 20, actual: 4 },
      { store: 3, weekIdx: 21, actual: 6 },
    ]),
  ).toEqual([
    [0, 1, 1, 'own'],
    [0, 9, 3, 'region'],
    [1, 6, 1, 'chain'],
    [2, 20, 2, 'chain'],
    [3, 21, 4, 'chain'],
  ]);
});

test('several stores of a region in its latest week: their mean', () => {
  expect(
    found([
      { store: 0, weekIdx: 1, actual: 1 },
      { store: 1, weekIdx: 1, actual: 2 },
      { store: 0, weekIdx: 8, actual: 9 },
      { store: 1, weekIdx: 4, actual: 5 },
    ]).at(1),
  ).toEqual([0, 8, 5, 'region']);
});

test('a price that nobody paid is no earlier price', () => {
  expect(
    found([
      { store: 0, weekIdx: 1, actual: 1, observed: 0 },
      { store: 0, weekIdx: 2, actual: 2 },
    ]).at(1),
  ).toEqual([0, 2, 2, 'own']);
});

const cell = fc.record({
  store: fc.integer({ min: 0, max: 3 }),
  weekIdx: fc.integer({ min: 1, max: WEEKS }),
  actual: fc.integer({ min: 1, max: 50 }),
});
const cells = fc.uniqueArray(cell, { maxLength: 40, selector: (c) => 100 * c.store + c.weekIdx });

test('prices of later weeks change nothing', () => {
  fc.assert(
    fc.property(cells, fc.integer({ min: 1, max: WEEKS }), (list, week) => {
      const until = (rows: ReturnType<typeof found>) => rows.filter(([, at]) => Number(at) <= week);
      const without = list.filter(({ weekIdx }) => weekIdx <= week);
      expect(until(found(list))).toEqual(found(without));
      const changed = list.map((c) => (c.weekIdx > week ? { ...c, actual: c.actual + 7 } : c));
      expect(until(found(changed))).toEqual(found(without));
    }),
  );
});

test('a constant price has itself as its prior', () => {
  fc.assert(
    fc.property(cells, (list) => {
      for (const [, , price] of found(list.map((c) => ({ ...c, actual: 3 })))) expect(price).toBe(3);
    }),
  );
});
