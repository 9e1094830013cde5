import { describe, expect, test } from 'vitest';
import { writePrice } from './price-context.js';
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

  test('an extreme price is clipped to [-10, 10] and counted', () => {
    const out = new Float32Array(64);
    const clipped = writePrice(
      { out, offset: 0 },
      { actual: 100, base: 100, categoryAverage: 0.01, prior: 100 },
    );
    expect(clipped).toBeGreaterThan(0);
    expect(out.every((value) => Math.abs(value) <= 10)).toBe(true);
  });
});
