import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scaleBounds, scaled } from './operational-context.js';

test('one outlier does not compress the other stores', () => {
  const values = [...Array.from({ length: 200 }, (_, store) => store), 1e6];
  const bounds = scaleBounds(values);
  expect(scaled(100, bounds)).toBeCloseTo(0.5, 1);
  expect(scaled(1e6, bounds)).toBe(1);
});

test('a column without differences is 0.5, and so is an empty one', () => {
  expect(scaled(3, scaleBounds([3, 3, 3]))).toBe(0.5);
  expect(scaled(3, scaleBounds([]))).toBe(0.5);
});

test('a missing number is the median of the others', () => {
  const bounds = scaleBounds([0, 1, 2, 3, 10, Number.NaN]);
  expect(scaled(Number.NaN, bounds)).toBe(scaled(2, bounds));
});

test('scaled numbers lie in 0-1 and keep their order', () => {
  const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(numbers, (values) => {
      const bounds = scaleBounds(values);
      const found = values.toSorted((a, b) => a - b).map((value) => scaled(value, bounds));
      for (const [place, value] of found.entries()) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
        if (place > 0) expect(value).toBeGreaterThanOrEqual(found[place - 1] ?? 0);
      }
    }),
  );
});
