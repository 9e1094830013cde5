import { expect, test } from 'vitest';
import { adjustedRandIndex } from './adjusted-rand-index.js';

test('equal clusterings agree, whatever their names', () => {
  expect(adjustedRandIndex(['a', 'a', 'b', 'c'], ['x', 'x', 'y', 'z'])).toBe(1);
  expect(adjustedRandIndex(['a', 'b'], ['x', 'y'])).toBe(1);
  expect(adjustedRandIndex([], [])).toBe(1);
});

test('a value worked out by hand: pairs 6, together in both 1, in each 2', () => {
  // (1 - 2 * 2 / 6) / (2 - 2 * 2 / 6)
  expect(adjustedRandIndex(['a', 'a', 'b', 'b'], ['x', 'x', 'y', 'z'])).toBeCloseTo(4 / 7, 12);
});

test('a clustering that has nothing to do with the other is about 0', () => {
  const first = Array.from({ length: 4000 }, (_, i) => String(i % 7));
  const second = Array.from({ length: 4000 }, (_, i) => String(Math.floor(i / 7) % 5));
  expect(Math.abs(adjustedRandIndex(first, second))).toBeLessThan(0.01);
});
