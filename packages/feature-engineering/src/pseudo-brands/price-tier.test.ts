import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tiersByQuantile, tiersByRank } from './price-tier.js';

test('three different prices are value, mid and premium', () => {
  expect(tiersByRank([3, 1, 2])).toEqual(['premium', 'value', 'mid']);
});

test('fewer than three products have no tiers', () => {
  expect(tiersByRank([1, 9])).toEqual(['mid', 'mid']);
  expect(tiersByRank([])).toEqual([]);
});

test('a category of equal prices is all mid; the reference calls it all premium', () => {
  expect(tiersByRank([2, 2, 2, 2])).toEqual(['mid', 'mid', 'mid', 'mid']);
  expect(tiersByQuantile([2, 2, 2, 2])).toEqual(['premium', 'premium', 'premium', 'premium']);
});

const order = { value: 0, mid: 1, premium: 2 };

test('a dearer product is never in a lower tier, and equal prices share one', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 40 }), (prices) => {
      const tiers = tiersByRank(prices);
      for (const [a, price] of prices.entries()) {
        for (const [b, other] of prices.entries()) {
          const [tier, otherTier] = [order[tiers[a] ?? 'mid'], order[tiers[b] ?? 'mid']];
          if (price === other) expect(tier).toBe(otherTier);
          if (price > other) expect(tier).toBeGreaterThanOrEqual(otherTier);
        }
      }
    }),
  );
});

test('three or more different prices give at least one premium and one value product', () => {
  const distinct = fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 3, maxLength: 60 });
  fc.assert(
    fc.property(distinct, (prices) => {
      const tiers = tiersByRank(prices);
      expect(tiers).toContain('premium');
      expect(tiers).toContain('value');
    }),
  );
});

test('multiplying all prices leaves the tiers', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 500 }), { maxLength: 30 }), (prices) => {
      expect(tiersByRank(prices.map((price) => price * 8))).toEqual(tiersByRank(prices));
    }),
  );
});
