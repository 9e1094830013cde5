import fc from 'fast-check';
import { expect, test } from 'vitest';
import { referenceClusters, substitutionClusters } from './substitution-clusters.js';

const edges = (...list: readonly (readonly [from: number, to: number])[]) => ({
  from: list.map(([from]) => from),
  to: list.map(([, to]) => to),
  weight: list.map(() => 1),
});

test('products joined by edges share a number, counted from 1 by their first product in the group', () => {
  const groups = ['a', 'a', 'a', 'a', 'b', 'b'];
  expect([...substitutionClusters(groups, edges([1, 3], [0, 2], [4, 5]))]).toEqual([1, 2, 1, 2, 1, 1]);
});

test('an edge across groups joins nothing', () => {
  expect([...substitutionClusters(['a', 'b'], edges([0, 1]))]).toEqual([0, 0]);
});

test('a product without an edge is in no cluster', () => {
  expect([...substitutionClusters(['a', 'a', 'a'], edges([0, 2]))]).toEqual([1, 0, 1]);
});

test('the reference numbers components, and the unclustered as one, by first appearance in the category', () => {
  expect([...referenceClusters(['a', 'a', 'a', 'b'], edges([1, 2]), 0.5)]).toEqual([0, 1, 1, 0]);
  expect([...referenceClusters(['a', 'a', 'a', 'b'], edges([1, 2]), 2)]).toEqual([0, 0, 0, 0]);
});

test('the order of the edges changes nothing', () => {
  const pair = fc.tuple(fc.integer({ min: 0, max: 14 }), fc.integer({ min: 0, max: 14 }));
  const groups = Array.from({ length: 15 }, (_, product) => `group ${product % 2}`);
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 25 }), (list) => {
      const found = substitutionClusters(groups, edges(...list));
      expect(substitutionClusters(groups, edges(...list.toReversed()))).toEqual(found);
      expect(substitutionClusters(groups, edges(...list.map(([a, b]) => [b, a] as const)))).toEqual(found);
    }),
  );
});
