import { keyedStream } from '@retail-sim/random';
import { describe, expect, it } from 'vitest';
import { bootstrapInterval } from './bootstrap.js';

describe('bootstrap intervals', () => {
  it('hold the sample mean and follow 1.96 standard errors for independent rows', () => {
    const random = keyedStream(3, 'bootstrap-test');
    const values = Array.from({ length: 2000 }, () => random.normal());
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const { low, high } = bootstrapInterval(
      values,
      values.map((_, row) => row),
      1,
    );
    expect(low).toBeLessThan(mean);
    expect(high).toBeGreaterThan(mean);
    expect((high - low) / 2).toBeCloseTo(1.96 / Math.sqrt(2000), 2);
  });

  it('widen when the rows of a customer say the same', () => {
    const random = keyedStream(4, 'bootstrap-test');
    const customers = Array.from({ length: 100 }, () => random.normal());
    const values = customers.flatMap((value) => Array.from({ length: 20 }, () => value));
    const clustered = bootstrapInterval(
      values,
      values.map((_, row) => Math.floor(row / 20)),
      1,
    );
    const naive = bootstrapInterval(
      values,
      values.map((_, row) => row),
      1,
    );
    expect(clustered.high - clustered.low).toBeGreaterThan(3 * (naive.high - naive.low));
  });

  it('are the same for the same seed', () => {
    const values = [1, 2, 3, 4];
    expect(bootstrapInterval(values, [1, 1, 2, 2], 9)).toEqual(bootstrapInterval(values, [1, 1, 2, 2], 9));
  });
});
