import { expect, test } from 'vitest';
import { FEWEST_SEGMENT_CUSTOMERS, populationHistory } from './population-history.js';

const vector = (value: number) => new Float64Array(128).fill(value);

test('a large segment has a mean of its own, a small one that of everybody', () => {
  const population = populationHistory();
  for (let customer = 0; customer < FEWEST_SEGMENT_CUSTOMERS; customer++) population.add('large', vector(1));
  population.add('small', vector(22));
  expect(population.of('large')[0]).toBe(1);
  expect(population.of('small')[0]).toBe(2);
  expect(population.of(undefined)[0]).toBe(2);
  expect(population.of('never seen')[0]).toBe(2);
});

test('without a customer the mean is zero', () => {
  expect(populationHistory().of('any')).toEqual(vector(0));
});
