import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deriveProductPrices } from './derive-prices.js';
import { PRICE_DEFAULTS, type PriceContext } from './parameters.js';
import type { ProductLines } from './price-cells.js';
import { INVALID_REASONS } from './price-cells.js';
import type { ProductPrices } from './price-rows.js';
import { PRICE_FLAGS } from './price-series.js';

interface Line {
  readonly store: number;
  readonly week: number;
  readonly quantity: number;
  readonly pence: number;
}

const STORES = 4;
const WEEKS = 30;

const context: PriceContext = {
  parameters: PRICE_DEFAULTS,
  compat: false,
  fitThroughWeek: 20,
  firstWeek: 1,
  regionOfStore: Int32Array.of(0, 0, 1, -1),
  weekOfIndex: Int32Array.from({ length: WEEKS + 1 }, (_, week) => 200600 + week),
};

function derive(lines: readonly Line[], changed: Partial<PriceContext> = {}): ProductPrices {
  const sorted = lines.toSorted((a, b) => a.store - b.store || a.week - b.week);
  const product: ProductLines = {
    product: 0,
    lines: sorted.length,
    store: Uint32Array.from(sorted, ({ store }) => store),
    week: Int16Array.from(sorted, ({ week }) => week),
    quantity: Float64Array.from(sorted, ({ quantity }) => quantity),
    spendPence: Float64Array.from(sorted, ({ pence }) => pence),
  };
  return deriveProductPrices(product, { ...context, ...changed });
}

const line = fc.record({
  store: fc.integer({ min: 0, max: STORES - 1 }),
  week: fc.integer({ min: 1, max: WEEKS }),
  quantity: fc.constantFrom(1, 1, 3, 4),
  pence: fc.oneof(fc.integer({ min: 0, max: 12_000 }), fc.constantFrom(0, 1, 100, 100, 95)),
});
const lines = fc.array(line, { minLength: 1, maxLength: 60 });

/** Observed cells by key. */
function cellsOf({ cells, series }: ProductPrices) {
  const found = new Map<string, Record<string, number>>();
  for (let cell = 0; cell < cells.cells; cell += 1) {
    if (cells.count[cell] === 0) continue;
    found.set(`${cells.store[cell]} ${cells.week[cell]}`, {
      actual: series.actual[cell] ?? 0,
      base: series.base[cell] ?? 0,
      discount: series.discount[cell] ?? 0,
      promo: series.promo[cell] ?? 0,
      flags: series.flags[cell] ?? 0,
      quality: series.quality[cell] ?? 0,
    });
  }
  return found;
}

const seller = (prices: readonly number[]): Line[] =>
  prices.map((pence, place) => ({ store: 0, week: place + 1, quantity: 3, pence: 3 * pence }));

test('a promotion is a price more than 5 % under the highest of four weeks', () => {
  const promo = (prices: readonly number[]) => [...derive(seller(prices)).series.promo];
  expect(promo([200, 200, 180, 200])).toEqual([0, 0, 1, 0]);
  expect(promo([100, 95])).toEqual([0, 0]);
  expect(promo([100, 94])).toEqual([0, 1]);
});

test('the base price forgets what is four calendar weeks ago', () => {
  const far = [
    { store: 0, week: 1, quantity: 3, pence: 600 },
    { store: 0, week: 5, quantity: 3, pence: 300 },
  ];
  expect([...derive(far).series.base]).toEqual([2, 1]);
  expect([...derive(far, { compat: true }).series.base]).toEqual([2, 2]);
});

test('a penny is a price, and goods sold by weight have the median of the chain', () => {
  expect([...derive([{ store: 0, week: 1, quantity: 3, pence: 3 }]).series.actual]).toEqual([0.01]);
  const weighed = [120, 250, 380, 90, 200].map((pence, place) => ({
    store: place % 2,
    week: place + 1,
    quantity: 1,
    pence,
  }));
  const { series } = derive(weighed);
  expect([...series.actual]).toEqual([2, 2, 2, 2, 2]);
  expect([...series.promo]).toEqual([0, 0, 0, 0, 0]);
  const flag = 1 << PRICE_FLAGS.indexOf('variable_weight');
  for (const flags of series.flags) expect(flags & flag).toBe(flag);
});

test('prices stay in their bounds, and every line is a price or an invalid line', () => {
  fc.assert(
    fc.property(lines, fc.boolean(), (given, compat) => {
      const { cells, series } = derive(given, { compat });
      let valid = 0;
      for (let cell = 0; cell < cells.cells; cell += 1) {
        const count = cells.count[cell] ?? 0;
        valid += count;
        if (count === 0) continue;
        const [actual = 0, base = 0, discount = 0] = [
          series.actual[cell],
          series.base[cell],
          series.discount[cell],
        ];
        expect(actual).toBeGreaterThan(0);
        expect(base).toBeGreaterThanOrEqual(actual);
        expect(discount).toBeGreaterThanOrEqual(0);
        expect(discount).toBeLessThanOrEqual(0.7);
        expect(series.promo[cell] === 1).toBe(discount > (compat ? 0.05 : 0.05 + 1e-9));
        if (discount < 0.7) expect(base * (1 - discount)).toBeCloseTo(actual, 9);
        expect(series.quality[cell]).toBeGreaterThanOrEqual(compat ? 0.57 - 1e-12 : 0);
        expect(series.quality[cell]).toBeLessThanOrEqual(1);
      }
      const invalid = INVALID_REASONS.reduce((sum, reason) => sum + cells.invalid[reason], 0);
      expect(valid + invalid).toBe(given.length);
    }),
  );
});

test('weeks after a row change nothing of it', () => {
  fc.assert(
    fc.property(lines, fc.integer({ min: 20, max: WEEKS }), (given, through) => {
      const past = given.filter(({ week }) => week <= through);
      fc.pre(past.length > 0);
      const whole = cellsOf(derive(given));
      for (const [key, cell] of cellsOf(derive(past))) expect(whole.get(key)).toEqual(cell);
    }),
  );
});

test('twice the spend is twice the price and the same discount', () => {
  const cheap = fc.array(
    fc.record({
      store: fc.integer({ min: 0, max: 3 }),
      week: fc.integer({ min: 1, max: WEEKS }),
      quantity: fc.constant(4),
      pence: fc.integer({ min: 4, max: 9000 }),
    }),
    { minLength: 1, maxLength: 40 },
  );
  fc.assert(
    fc.property(cheap, (given) => {
      const once = cellsOf(derive(given));
      const twice = cellsOf(derive(given.map((each) => ({ ...each, pence: 2 * each.pence }))));
      for (const [key, cell] of once) {
        const { actual = 0, base = 0, ...rest } = cell;
        expect(twice.get(key)).toMatchObject({ ...rest, actual: 2 * actual, base: 2 * base });
      }
    }),
  );
});

test('the order of the lines changes nothing', () => {
  fc.assert(
    fc.property(lines, (given) => {
      expect(derive(given.toReversed())).toEqual(derive(given));
    }),
  );
});
