import { describe, expect, test } from 'vitest';
import { encoded } from './tensor-target.js';
import {
  shareOfCounts,
  tripLabelCodes,
  tripShares,
  writeExpectedTrip,
  writeObservedTrip,
} from './trip-context.js';

const observed = (type: string, focus: string, sensitivity: string, size: string) =>
  encoded(48, (target) => writeObservedTrip(target, { type, focus, sensitivity, size }));

describe('T6, trip context', () => {
  test('observed values equal the golden values', () => {
    const t6 = observed('Full Shop', 'Fresh', 'MM', 'L');
    const golden: [number, number[]][] = [
      [0, [-0.101283112, 0.031424733, -0.090802408]],
      [16, [0.081252582, 0.135624003, -0.007201012]],
      [32, [-0.068002472, 0.02322537, 0.029307247]],
      [40, [-0.022346279, 0.071400049, 0.047323762]],
    ];
    for (const [from, values] of golden) {
      for (const [index, value] of values.entries()) expect(t6[from + index]).toBeCloseTo(value, 8);
    }
  });

  test('XX writes zeros; an empty field counts as Top Up, Mixed, MM, M', () => {
    expect(observed('XX', 'XX', 'XX', 'XX').every((value) => value === 0)).toBe(true);
    expect(observed('', '', '', '')).toEqual(observed('Top Up', 'Mixed', 'MM', 'M'));
  });

  test('labels are 1-based; XX and empty are 0', () => {
    expect(tripLabelCodes({ type: 'Small Shop', focus: 'Nonfood', sensitivity: 'UM', size: 'S' })).toEqual([
      3, 4, 3, 1,
    ]);
    expect(tripLabelCodes({ type: 'XX', focus: '', sensitivity: 'XX', size: 'XL' })).toEqual([0, 0, 0, 0]);
  });

  test('a sure expectation is the observed row', () => {
    const shares = new Float64Array(15);
    for (const place of [1, 4 + 0, 9 + 1, 12 + 2]) shares[place] = 1;
    expect(encoded(48, (target) => writeExpectedTrip(target, shares))).toEqual(
      observed('Full Shop', 'Fresh', 'MM', 'L'),
    );
  });

  test('shares blend a customer with the train split and sum to 1 per field', () => {
    const train = shareOfCounts([6, 2, 2, 0, 5, 5, 0, 0, 0, 1, 1, 2, 4, 4, 2]);
    const counts = new Float64Array(15);
    expect(tripShares(counts, train)).toEqual(train);
    counts[1] = 5;
    const shares = tripShares(counts, train);
    expect(shares[0]).toBeCloseTo((5 * 0.6) / 10, 12);
    expect(shares[1]).toBeCloseTo((5 + 5 * 0.2) / 10, 12);
    for (const [from, to] of [
      [0, 4],
      [4, 9],
      [9, 12],
      [12, 15],
    ]) {
      expect(shares.slice(from, to).reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    }
  });
});
