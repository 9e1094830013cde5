import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chiSquared, chiSquaredPValue, erfc } from './chi-squared.js';
import { copurchaseCandidates } from './copurchase-edges.js';
import { addBasket, createPairCounts, lift, type PairCounts, pairIndex } from './count-pairs.js';
import { buildHierarchy, type ProductCategories } from './hierarchy.js';
import { GRAPH_DEFAULTS } from './parameters.js';
import { dropBeyondTopKOfAny, keepTopKOfEither } from './top-k.js';

const PRODUCTS = 9;
const category = Int32Array.from({ length: PRODUCTS }, (_, product) => product % 3);
const basket = fc.uniqueArray(fc.integer({ min: 0, max: PRODUCTS - 1 }), { minLength: 1, maxLength: 6 });
const baskets = fc.array(basket, { minLength: 1, maxLength: 40 });
const parameters = { ...GRAPH_DEFAULTS, minCopurchaseCount: 2, liftThreshold: 1.1, maxPValue: 2 };

function count(given: readonly (readonly number[])[]): PairCounts {
  const counts = createPairCounts(category);
  for (const products of given) {
    addBasket(counts, Uint32Array.from(products).sort(), 0, products.length, true, false);
  }
  return counts;
}

test('counts and lifts are what a look at every basket gives', () => {
  fc.assert(
    fc.property(baskets, (given) => {
      const counts = count(given);
      const having = (...wanted: number[]) =>
        given.filter((products) => wanted.every((product) => products.includes(product))).length;
      for (let a = 0; a < PRODUCTS; a += 1) {
        for (let b = 0; b < a; b += 1) {
          const joint = having(a, b);
          expect(counts.pairs[pairIndex(a, b)]).toBe(joint);
          if (joint === 0) continue;
          expect(lift(counts, a, b)).toBe(lift(counts, b, a));
          expect(lift(counts, a, b)).toBeCloseTo((joint * given.length) / (having(a) * having(b)), 9);
        }
      }
    }),
  );
});

test('every basket twice leaves the lift and doubles the counts', () => {
  fc.assert(
    fc.property(baskets, (given) => {
      const strength = (edges: ReturnType<typeof copurchaseCandidates>) =>
        new Map(
          edges.map(({ source, target, lift: strong, count: joint }) => [
            `${source} ${target}`,
            [strong, joint],
          ]),
        );
      const once = strength(copurchaseCandidates(count(given), parameters));
      const twice = strength(copurchaseCandidates(count([...given, ...given]), parameters));
      for (const [pair, [strong = 0, joint = 0]] of once) {
        expect(twice.get(pair)?.[0]).toBeCloseTo(strong, 9);
        expect(twice.get(pair)?.[1]).toBe(2 * joint);
      }
    }),
  );
});

test('a product with candidates keeps an edge; the rule of the reference keeps at most k of each', () => {
  fc.assert(
    fc.property(baskets, fc.integer({ min: 1, max: 3 }), (given, k) => {
      const candidates = copurchaseCandidates(count(given), parameters);
      const ends = (edges: readonly { source: number; target: number }[]) =>
        edges.flatMap(({ source, target }) => [source, target]);
      const kept = keepTopKOfEither(candidates, k, (a, b) => b.lift - a.lift);
      expect(new Set(ends(kept))).toEqual(new Set(ends(candidates)));
      for (const { source, target, lift: strong } of kept) {
        expect(source).toBeLessThan(target);
        expect(Number.isFinite(strong) && strong > 0).toBe(true);
      }
      const strict = ends(dropBeyondTopKOfAny(candidates, k, (edge) => edge.lift));
      for (const node of new Set(strict))
        expect(strict.filter((end) => end === node).length).toBeLessThanOrEqual(k);
    }),
  );
});

test('chi-squared of a table by hand, and its probability against tables', () => {
  // 10 of 20 baskets have A, 8 have B, 7 have both: (7·9 - 3·1)² · 20 / (10 · 10 · 8 · 12).
  expect(chiSquared(7, 10, 8, 20)).toBeCloseTo(7.5, 12);
  expect(chiSquaredPValue(3.841458820694124)).toBeCloseTo(0.05, 12);
  expect(chiSquaredPValue(6.634896601021213)).toBeCloseTo(0.01, 12);
  expect(chiSquaredPValue(0)).toBe(1);
  expect(erfc(3)).toBeCloseTo(2.209049699858544e-5, 17);
  expect(erfc(6) / 2.1519736712498913e-17).toBeCloseTo(1, 10);
});

test('the hierarchy is a forest: every node but the departments has one parent', () => {
  const tree = fc.array(fc.tuple(fc.integer({ min: 0, max: 7 }), fc.boolean()), {
    minLength: 1,
    maxLength: 30,
  });
  fc.assert(
    fc.property(tree, (given) => {
      const products = given.map(([leaf, isKnown], product): ProductCategories => {
        const code = (shift: number, name: string) => (isKnown ? `${name}${leaf >> shift}` : null);
        // Level 2 and 3 share their names: equal codes on two levels are two categories.
        return {
          product,
          id: `P${product}`,
          categories: [code(0, 'CL'), code(1, 'X'), code(2, 'X'), code(3, 'D')],
        };
      });
      const { nodes, edges } = buildHierarchy(products, false);
      const known = given.filter(([, isKnown]) => isKnown).length;
      const departments = nodes.filter(({ level }) => level === 4).length;
      expect(edges.length).toBe(known + nodes.length - departments);
      const parents = new Map<string, number>();
      for (const { child, parent } of edges) {
        expect(child).not.toBe(parent);
        parents.set(child, (parents.get(child) ?? 0) + 1);
      }
      expect([...parents.values()].every((parent) => parent === 1)).toBe(true);
    }),
  );
});
