import fc from 'fast-check';
import { expect, test } from 'vitest';
import { derivePseudoBrands, type PseudoBrand } from './derive-pseudo-brands.js';
import { TIER_LIMITS } from './price-tier.js';
import type { PriceStatistics } from './product-price-statistics.js';

const statistics = (mean: number): PriceStatistics => ({
  cells: 2,
  mean,
  median: mean,
  std: 0.1,
  base: mean * 1.1,
  discount: 0.1,
  promo: 0.5,
  weeklyCv: 0.02,
});

interface Given {
  readonly category: string;
  /** Undefined: never observed. */
  readonly price: number | undefined;
  readonly units: number;
}

function brandsOf(
  given: readonly Given[],
  links: readonly (readonly [number, number])[] = [],
): PseudoBrand[] {
  return derivePseudoBrands({
    products: given.map(({ category, units }, place) => ({
      productId: `P${String(place).padStart(3, '0')}`,
      subCommodity: category,
      commodity: 'DEP',
      subDepartment: 'G',
      department: 'D',
      totalQuantity: units,
      totalSpend: 0,
    })),
    prices: given.map(({ price }) => (price === undefined ? undefined : statistics(price))),
    substitutes: {
      from: links.map(([from]) => from),
      to: links.map(([, to]) => to),
      weight: links.map(() => 1),
    },
    limits: TIER_LIMITS,
    mode: 'corrected',
    substitutionThreshold: 0,
  });
}

const given: fc.Arbitrary<Given> = fc.record({
  category: fc.constantFrom('CL1', 'CL2', 'CL3'),
  price: fc.option(
    fc.integer({ min: 1, max: 900 }).map((pence) => pence / 100),
    { nil: undefined, freq: 9 },
  ),
  units: fc.integer({ min: 0, max: 50 }),
});
const links = fc.array(fc.tuple(fc.nat(19), fc.nat(19)), { maxLength: 20 });
const world = fc.array(given, { minLength: 20, maxLength: 20 });

const groupBy = <T>(rows: readonly T[], key: (row: T) => string) => {
  const groups = new Map<string, T[]>();
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row]);
  return groups;
};
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

test('the invariants of the specification hold', () => {
  fc.assert(
    fc.property(world, links, (products, edges) => {
      const brands = brandsOf(products, edges);
      for (const rows of groupBy(brands, (row) => row.sub_commodity).values()) {
        const units = sum(rows.map((row) => row.market_share_proxy));
        expect([0, 1]).toContain(Math.round(units * 1e9) / 1e9);
        expect(sum(rows.map((row) => row.relative_price)) / rows.length).toBeCloseTo(1, 9);
      }
      for (const rows of groupBy(brands, (row) => row.pseudo_brand_id).values()) {
        for (const row of rows) expect(row.brand_size).toBe(rows.length);
        const keys = new Set(
          rows.map((row) => `${row.sub_commodity} ${row.price_tier} ${row.substitution_cluster}`),
        );
        expect(keys.size).toBe(1);
      }
      const names = new Set(brands.map((row) => row.pseudo_brand_id));
      expect(sum(brands.map((row) => 1 / row.brand_size))).toBeCloseTo(names.size, 9);
      for (const row of brands) {
        expect(Number.isFinite(row.mean_price)).toBe(true);
        expect(row.category_price_percentile).toBeGreaterThan(0);
        expect(row.category_price_percentile).toBeLessThanOrEqual(1);
        expect(row.pseudo_brand_idx).toBeGreaterThanOrEqual(1);
      }
    }),
  );
});

test('multiplying all prices by four leaves tiers, percentiles and relative prices', () => {
  fc.assert(
    fc.property(world, (products) => {
      const dearer = products.map((row) => ({
        ...row,
        price: row.price === undefined ? undefined : 4 * row.price,
      }));
      const pick = ({ price_tier, category_price_percentile, relative_price }: PseudoBrand) => [
        price_tier,
        category_price_percentile,
        relative_price.toFixed(9),
      ];
      const priced = (rows: readonly PseudoBrand[]) => rows.filter((row) => row.has_price).map(pick);
      if (products.some(({ price }) => price === undefined)) return;
      expect(priced(brandsOf(dearer))).toEqual(priced(brandsOf(products)));
    }),
  );
});

test('a product without a price stands in the middle of its category and moves no tier', () => {
  const priced = [1, 2, 3, 4, 5].map((price) => ({ category: 'CL1', price, units: 1 }));
  const brands = brandsOf([...priced, { category: 'CL1', price: undefined, units: 1 }]);
  const last = brands.at(-1);
  expect(last).toMatchObject({ price_tier: 'mid', mean_price: 3, has_price: false, n_price_cells: 0 });
  expect(brands.slice(0, 5).map((row) => row.price_tier)).toEqual(
    brandsOf(priced).map((row) => row.price_tier),
  );
});

test('a category without any price takes the price of the level above', () => {
  const brands = brandsOf([
    { category: 'CL1', price: 2, units: 1 },
    { category: 'CL1', price: 4, units: 1 },
    { category: 'CL2', price: undefined, units: 1 },
  ]);
  expect(brands[2]?.mean_price).toBe(3);
});

test('one product, alone in its category, is mid and its own brand', () => {
  const [only] = brandsOf([{ category: 'CL1', price: 2, units: 3 }]);
  expect(only).toMatchObject({
    price_tier: 'mid',
    pseudo_brand_idx: 1,
    brand_size: 1,
    market_share_proxy: 1,
    relative_price: 1,
    category_price_percentile: 1,
  });
});

test('no product at all gives no brand', () => {
  expect(brandsOf([])).toEqual([]);
});
