import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodePrice, encodePriceInto, LARGEST_OUTPUT, PRICE_ENCODING_SIZE } from './encode-price.js';

const GOLDEN = new URL(
  '../../../../../shared/golden/reference/first10k/T4_encode_price_cases.csv.gz',
  import.meta.url,
);

const price = fc.double({ min: 0, max: 200, noNaN: true });
const scalars = fc.record({ actual: price, base: price, category: price, prior: price });

describe('the price function', () => {
  it('gives the golden values of the spec (section 4, chapter 13)', () => {
    const t4 = encodePrice({ actual: 1.99, base: 2.49, category: 2.2, prior: 2.19 }, 'reference');
    const at = (...indices: number[]) => indices.map((index) => t4[index]?.toFixed(9));
    expect(at(0, 1, 2, 3)).toEqual(['0.976885955', '-0.213761155', '0.779025402', '0.626992362']);
    expect(at(24, 25, 26, 27)).toEqual(['0.688135141', '0.912283112', '0.224147971', '0.473529973']);
    expect(at(40, 41, 43, 44, 45)).toEqual([
      '0.904545043',
      '-0.100322071',
      '0.000000000',
      '0.000000000',
      '1.000000000',
    ]);
    expect(at(56, 57, 58, 62, 63)).toEqual([
      '-0.091324159',
      '0.091324159',
      '0.008340102',
      '-0.282983472',
      '0.959124786',
    ]);
  });

  it.skipIf(!existsSync(GOLDEN))('agrees with the reference encoder on its golden cases', () => {
    const [, ...lines] = gunzipSync(readFileSync(GOLDEN)).toString().trim().split('\n');
    expect(lines.length).toBeGreaterThan(10);
    for (const line of lines) {
      const [actual = 0, base = 0, category = 0, prior = 0, ...expected] = line.split(',').map(Number);
      const encoded = encodePrice({ actual, base, category, prior }, 'reference');
      expected.forEach((value, index) => {
        expect(Math.abs((encoded[index] ?? Number.NaN) - value)).toBeLessThanOrEqual(
          1e-9 + 1e-8 * Math.abs(value),
        );
      });
    }
  });

  it('gives 64 finite values inside [-10, 10] for every price', () => {
    fc.assert(
      fc.property(scalars, (given) => {
        const encoded = encodePrice(given);
        expect(encoded).toHaveLength(PRICE_ENCODING_SIZE);
        expect(encoded.every((value) => Math.abs(value) <= LARGEST_OUTPUT)).toBe(true);
      }),
    );
  });

  it('keeps harmonics on the unit circle, one price class and one movement class per price', () => {
    fc.assert(
      fc.property(scalars, (given) => {
        const x = encodePrice(given);
        for (let j = 0; j < 8; j++) {
          expect((x[2 * j] ?? 0) ** 2 + (x[2 * j + 1] ?? 0) ** 2).toBeCloseTo(1, 12);
        }
        expect((x[43] ?? 0) + (x[44] ?? 0) + (x[45] ?? 0)).toBe(1);
        expect((x[59] ?? 0) + (x[60] ?? 0) + (x[61] ?? 0)).toBe(1);
        expect(Array.from(x.subarray(32, 40)).every((value) => value === 0)).toBe(true);
      }),
    );
  });

  it('sees no discount when the price is the base price, and no movement when it is the prior price', () => {
    const x = encodePrice({ actual: 3, base: 3, category: 2, prior: 3 });
    expect([x[26], x[31], x[56], x[57], x[58], x[62]]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('treats a free item as one penny and clips what explodes', () => {
    const free = { actual: 0, base: 0, category: 0, prior: 0 };
    expect(encodePrice(free)).toEqual(encodePrice({ actual: 0.01, base: 0.01, category: 0.01, prior: 0.01 }));
    const out = new Float64Array(PRICE_ENCODING_SIZE);
    expect(encodePriceInto({ out, offset: 0 }, 40, 40, 1, 40)).toBeGreaterThan(0);
    expect(out[42]).toBe(10);
    expect(out[49]).toBe(-10);
  });

  it('writes the same values at any offset and in float32', () => {
    const given = { actual: 1.99, base: 2.49, category: 2.2, prior: 2.19 };
    const rows = new Float32Array(3 * PRICE_ENCODING_SIZE);
    encodePriceInto({ out: rows, offset: 64 }, 1.99, 2.49, 2.2, 2.19);
    expect(rows.subarray(64, 128)).toEqual(Float32Array.from(encodePrice(given)));
    expect(rows.subarray(0, 64).every((value) => value === 0)).toBe(true);
    expect(rows.subarray(128).every((value) => value === 0)).toBe(true);
  });

  it('refuses a price that is no number instead of spreading NaN', () => {
    for (const actual of [Number.NaN, Number.POSITIVE_INFINITY, -1]) {
      expect(() => encodePrice({ actual, base: 1, category: 1, prior: 1 })).toThrow(RangeError);
    }
  });
});
