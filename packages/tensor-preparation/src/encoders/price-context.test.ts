import { describe, expect, test } from 'vitest';
import { writePrice, writePriceRow } from './price-context.js';
import { encoded } from './tensor-target.js';

describe('T4, price context', () => {
  test('one item equals the golden values', () => {
    const t4 = encoded(64, (target) =>
      writePrice(target, { actual: 1.99, base: 2.49, categoryAverage: 2.2, prior: 2.19 }, 'reference'),
    );
    const golden: [number, number][] = [
      [0, 0.976885955],
      [3, 0.626992362],
      [16, -0.20882027],
      [24, 0.688135141],
      [31, 0.224147971],
      [40, 0.904545043],
      [47, -0.95537177],
      [50, 0.740100324],
      [56, -0.091324159],
      [63, 0.959124786],
    ];
    for (const [index, value] of golden) expect(t4[index]).toBeCloseTo(value, 8);
  });

  test('an unknown price counts as 1 in the reference; the other prices fall back to it', () => {
    const unknown = encoded(64, (target) => writePrice(target, {}, 'reference'));
    const one = encoded(64, (target) =>
      writePrice(target, { actual: 1, base: 1, categoryAverage: 1, prior: 1 }, 'reference'),
    );
    expect(unknown).toEqual(one);
    expect([one[26], one[31], one[56]]).toEqual([0, 0, 0]);
  });

  test('row 0 of the price table is no price: zeros', () => {
    const column = Float32Array.of(7, 2);
    const prices = { actual: column, base: column, categoryAverage: column, prior: column };
    const out = new Float32Array(128).fill(5);
    expect(writePriceRow({ out, offset: 0 }, prices, 0)).toBe(0);
    writePriceRow({ out, offset: 64 }, prices, 1);
    expect(out.slice(0, 64).every((value) => value === 0)).toBe(true);
    expect(out[64 + 24]).toBeCloseTo(Math.log(2 + 1e-6), 6);
  });

  test('an extreme price is clipped to [-10, 10] and counted', () => {
    const column = Float32Array.of(0, 0.01, 100);
    const cheapest = Float32Array.of(0, 0.01, 0.01);
    const prices = { actual: column, base: column, categoryAverage: cheapest, prior: column };
    const out = new Float32Array(64);
    expect(writePriceRow({ out, offset: 0 }, prices, 2)).toBeGreaterThan(0);
    expect(out.every((value) => Math.abs(value) <= 10)).toBe(true);
  });
});
