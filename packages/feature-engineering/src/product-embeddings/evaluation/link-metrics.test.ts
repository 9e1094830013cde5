import { expect, test } from 'vitest';
import { areaUnderCurve, isHitAt10 } from './link-metrics.js';

test('the area under the curve is the share of links above non-links, ties counting half', () => {
  expect(areaUnderCurve([3, 4], [1, 2])).toBe(1);
  expect(areaUnderCurve([1, 2], [3, 4])).toBe(0);
  expect(areaUnderCurve([1, 1], [1, 1])).toBe(0.5);
  // 2 > 1, 2 < 3, 3 > 1, 3 = 3: (1 + 0 + 1 + 0.5) / 4
  expect(areaUnderCurve([2, 3], [1, 3])).toBe(0.625);
});

test('a link is a hit while fewer than ten others stand above it', () => {
  expect(isHitAt10(0.5, [...Array(9).fill(0.9), ...Array(91).fill(0.1)])).toBe(true);
  expect(isHitAt10(0.5, [...Array(10).fill(0.9), ...Array(90).fill(0.1)])).toBe(false);
  // Nineteen equals stand above it half the time.
  expect(isHitAt10(0.5, Array(19).fill(0.5))).toBe(true);
  expect(isHitAt10(0, Array(100).fill(0))).toBe(false);
});
