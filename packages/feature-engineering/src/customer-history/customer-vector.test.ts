import { expect, test } from 'vitest';
import { populationWeight, writeCustomerVector } from './customer-vector.js';

test('a customer with few trips is mostly the population, one with many mostly himself', () => {
  expect([1, 4].map(populationWeight)).toEqual([0.8, 0.8]);
  expect(populationWeight(5)).toBeCloseTo(0.621, 3);
  expect(populationWeight(1000)).toBe(0.2);
  const weights = Array.from({ length: 300 }, (_, trips) => populationWeight(trips + 5));
  for (const [place, weight] of weights.slice(1).entries()) {
    expect(weight).toBeLessThanOrEqual(weights[place] ?? 0);
  }
});

test('history and statistics have norm 1/sqrt 2 each', () => {
  const out = new Float32Array(160);
  writeCustomerVector(out, 0, {
    history: new Float64Array(128).fill(0.3),
    population: new Float64Array(128).fill(-0.1),
    statistics: Float64Array.from({ length: 32 }, (_, k) => k / 10),
    trips: 9,
  });
  expect(Math.hypot(...out.subarray(0, 128))).toBeCloseTo(Math.SQRT1_2, 6);
  expect(Math.hypot(...out.subarray(128))).toBeCloseTo(Math.SQRT1_2, 6);
});

test('a part without content stays zero and finite', () => {
  const out = new Float32Array(160);
  const zeros = new Float64Array(128);
  writeCustomerVector(out, 0, {
    history: zeros,
    population: zeros,
    statistics: Float64Array.from({ length: 32 }, () => 1),
    trips: 1,
  });
  expect(out.subarray(0, 128).every((value) => value === 0)).toBe(true);
  expect(out.every(Number.isFinite)).toBe(true);
});
