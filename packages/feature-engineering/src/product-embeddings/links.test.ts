import { expect, test } from 'vitest';
import { createBasketCounter, type JointBaskets, lifts } from './joint-baskets.js';
import { strongestLinks } from './links.js';

function countAll(products: number, baskets: readonly (readonly number[])[]): JointBaskets {
  const counter = createBasketCounter(products);
  for (const basket of baskets) counter.add(Uint32Array.from(basket), basket.length);
  return counter.finish();
}

test('pairs are counted once a basket, in whatever order its products come, and kept from five baskets on', () => {
  const counts = countAll(4, [...Array(5).fill([2, 0]), ...Array(4).fill([1, 3]), [0], [3, 2, 1]]);
  expect(counts.baskets).toBe(11);
  expect(Array.from(counts.perProduct)).toEqual([6, 5, 6, 5]);
  // (1, 3) has five: four pairs and the basket of three.
  expect([Array.from(counts.first), Array.from(counts.second), Array.from(counts.count)]).toEqual([
    [0, 1],
    [2, 3],
    [5, 5],
  ]);
  // n T / (c c)
  expect(lifts(counts)[0]).toBeCloseTo((5 * 11) / (6 * 6), 12);
});

test('a product without baskets, and no baskets at all, make no pairs', () => {
  expect(countAll(1, [[0]]).count).toHaveLength(0);
  expect(countAll(0, []).count).toHaveLength(0);
  expect(strongestLinks(countAll(3, []))).toHaveLength(0);
});

/** Product 0 with twelve partners of rising lift; every partner has no other. */
function star(): JointBaskets {
  const partners = 12;
  return {
    products: partners + 1,
    baskets: 10_000,
    perProduct: Uint32Array.of(200, ...Array.from({ length: partners }, (_, i) => 100 - i)),
    first: new Uint32Array(partners),
    second: Uint32Array.from({ length: partners }, (_, i) => i + 1),
    count: new Uint32Array(partners).fill(10),
  };
}

test('a pair is a link when it is among the ten strongest of either product', () => {
  // All twelve are: each is the only one of its partner.
  expect(strongestLinks(star())).toHaveLength(12);
});

test('pairs below a lift of 1.5, and those that are left out, are no links', () => {
  const counts = star();
  const leaveOut = new Uint8Array(12);
  leaveOut[3] = 1;
  expect(strongestLinks(counts, leaveOut)).not.toContain(3);
  expect(strongestLinks({ ...counts, baskets: 2_000 })).toHaveLength(0);
});
