import { describe, expect, test } from 'vitest';
import {
  blendWeight,
  FIRST_SEGMENTS,
  historyScale,
  historySlice,
  primaryStoreVector,
  SECOND_SEGMENTS,
  writeCustomerContext,
} from './customer-context.js';
import { encoded } from './tensor-target.js';

const bg = FIRST_SEGMENTS.indexOf('BG');
const bu = SECOND_SEGMENTS.indexOf('BU');
const layer4 = Float64Array.from({ length: 160 }, (_, index) => index / 160);

function customer(trips: number) {
  return encoded(192, (target) =>
    writeCustomerContext(target, {
      firstSegment: bg,
      secondSegment: bu,
      history: historySlice(layer4, 'reference'),
      trips,
    }),
  );
}

describe('T1, customer context', () => {
  test('segments are the rows of the reference tables', () => {
    const t1 = customer(10);
    expect(t1[0]).toBeCloseTo(0.081252582, 9);
    expect(t1[1]).toBeCloseTo(0.135624003, 9);
    expect(t1[32]).toBeCloseTo(-0.155662917, 9);
    const first = encoded(192, (target) =>
      writeCustomerContext(target, { firstSegment: 0, secondSegment: 0, trips: 0 }),
    );
    expect(Array.from(first.slice(0, 2))).toEqual([
      expect.closeTo(0.049671415, 9),
      expect.closeTo(-0.01382643, 9),
    ]);
    expect(first[32]).toBeCloseTo(-0.03357847, 9);
    expect(first[35]).toBeCloseTo(-0.150314295, 9);
  });

  test('history is held back less the more trips there are', () => {
    expect(customer(10)[65]).toBeCloseTo(0.004946774, 9);
    expect(customer(10)[159]).toBeCloseTo(0.469943509, 9);
    expect(customer(2)[65]).toBeCloseTo(0.00375, 9);
    expect([blendWeight(5), blendWeight(10), blendWeight(148)]).toEqual([
      expect.closeTo(0.558, 3),
      expect.closeTo(0.417, 3),
      0.2,
    ]);
    for (let trips = 5; trips < 1000; trips++) {
      expect(blendWeight(trips + 1)).toBeLessThanOrEqual(blendWeight(trips));
      expect(blendWeight(trips)).toBeGreaterThanOrEqual(0.2);
      expect(blendWeight(trips)).toBeLessThanOrEqual(0.8);
      expect(historyScale(trips)).toBeGreaterThanOrEqual(0.6);
      expect(historyScale(trips)).toBeLessThanOrEqual(0.9);
    }
    expect([historyScale(0), historyScale(10_000)]).toEqual([0.6, 0.9]);
  });

  test('affinity: values, squares, sines and cosines', () => {
    const t1 = encoded(192, (target) =>
      writeCustomerContext(target, {
        firstSegment: -1,
        secondSegment: -1,
        trips: 0,
        affinity: {
          loyalty: 0.8,
          switching: 0.25,
          regions: 3,
          primaryStore: primaryStoreVector('STORE00001'),
        },
      }),
    );
    const golden = [
      0.8,
      0.25,
      0.3,
      0.2,
      0.64,
      0.0625,
      0.09,
      0.04,
      0.587785252,
      Math.SQRT1_2,
      0.809016994,
      0.587785252,
      -0.809016994,
      Math.SQRT1_2,
      0.587785252,
      0.809016994,
    ];
    for (const [index, value] of golden.entries()) expect((t1[176 + index] ?? 0) / 0.6).toBeCloseTo(value, 8);
    expect(t1.slice(160, 176).some((value) => value !== 0)).toBe(true);
  });

  test('corrected history keeps the statistics that the reference cuts off', () => {
    expect(historySlice(layer4)[0]).toBe(0);
    expect(historySlice(layer4)[63]).toBe(63 / 160);
    expect(historySlice(layer4)[64]).toBe(128 / 160);
    expect(historySlice(layer4)[95]).toBe(159 / 160);
  });

  test('an anonymous customer is 192 zeros, whatever was there before', () => {
    const out = new Float32Array(200).fill(9);
    writeCustomerContext({ out, offset: 4 }, undefined);
    expect(out.slice(4, 196).every((value) => value === 0)).toBe(true);
    expect([out[3], out[196]]).toEqual([9, 9]);
  });

  test('an unknown segment is zeros, not a neighbour', () => {
    const t1 = encoded(192, (target) =>
      writeCustomerContext(target, { firstSegment: -1, secondSegment: 0, trips: 3 }),
    );
    expect(t1.slice(0, 32).every((value) => value === 0)).toBe(true);
    expect(t1[32]).not.toBe(0);
  });
});
