import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jensenShannonDistance, ksComplement } from './distances.js';

const values = (...numbers: number[]) => Float64Array.from(numbers);
const samples = fc
  .array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 60 })
  .map((numbers) => Float64Array.from(numbers));

describe('ksComplement', () => {
  it('is 1 for the same distribution, 0 for separate ones, and counts ties once', () => {
    expect(ksComplement(values(1, 2, 3), values(3, 1, 2))).toBe(1);
    expect(ksComplement(values(1, 2), values(1, 1, 2, 2))).toBe(1);
    expect(ksComplement(values(1, 2), values(5, 6, 7))).toBe(0);
    // Distribution functions at 1: 3/4 and 1/4; at 2: both 1.
    expect(ksComplement(values(1, 1, 1, 2), values(1, 2, 2, 2))).toBe(0.5);
  });

  it('is what the definition says: the largest gap over all values', () => {
    const below = (sample: Float64Array, at: number) =>
      sample.filter((value) => value <= at).length / sample.length;
    fc.assert(
      fc.property(samples, samples, (a, b) => {
        const gaps = [...a, ...b].map((at) => Math.abs(below(a, at) - below(b, at)));
        expect(ksComplement(a, b)).toBeCloseTo(1 - Math.max(...gaps), 12);
        expect(ksComplement(b, a)).toBe(ksComplement(a, b));
      }),
    );
  });

  it('has no answer without values', () => {
    expect(ksComplement(values(), values(1))).toBeNaN();
  });
});

describe('jensenShannonDistance', () => {
  it('is 0 for the same distribution, 1 for separate ones', () => {
    expect(jensenShannonDistance(values(1, 2, 3), values(1, 2, 3))).toBe(0);
    expect(jensenShannonDistance(values(1, 2), values(5, 6, 7))).toBeCloseTo(1, 12);
  });

  it('is the root of the divergence in bits where every value has a bin', () => {
    // p = (3/4, 1/4), q = (1/4, 3/4), middle (1/2, 1/2): 3/4 log2(3/2) + 1/4 log2(1/2).
    const divergence = 0.75 * Math.log2(1.5) + 0.25 * Math.log2(0.5);
    expect(jensenShannonDistance(values(1, 1, 1, 2), values(1, 2, 2, 2))).toBeCloseTo(
      Math.sqrt(divergence),
      12,
    );
  });

  it('lies between 0 and 1 and has no direction', () => {
    fc.assert(
      fc.property(samples, samples, (a, b) => {
        const distance = jensenShannonDistance(a, b);
        expect(distance).toBeGreaterThanOrEqual(0);
        expect(distance).toBeLessThanOrEqual(1 + 1e-12);
        expect(jensenShannonDistance(b, a)).toBeCloseTo(distance, 12);
      }),
    );
  });
});
