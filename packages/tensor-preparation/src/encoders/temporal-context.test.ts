import { describe, expect, test } from 'vitest';
import { dayOf } from '../calendar/day.js';
import {
  correctedTrip,
  referenceTrip,
  SEASONS,
  seasonOfMonth,
  writeTemporalContext,
} from './temporal-context.js';
import { encoded } from './tensor-target.js';

const close = (value: number) => expect.closeTo(value, 8);

describe('T3, temporal context', () => {
  test('reference mode equals the golden values', () => {
    const t3 = encoded(64, (target) =>
      writeTemporalContext(
        target,
        referenceTrip({ shopWeek: 200626, weekday: 3, hour: 14, lastShopWeek: 200625 }),
      ),
    );
    const at = (from: number, count: number) => Array.from(t3.slice(from, from + count));
    expect(at(0, 4)).toEqual([0.155115198, 0.011567463, 0.117929718, 0.006751848].map(close));
    expect(at(16, 4)).toEqual([-0.137931923, -0.073093004, -0.003312697, 0.179455786].map(close));
    expect(at(24, 4)).toEqual([0.172754317, 0.043632367, 0.003800348, 0.012003133].map(close));
    expect(at(32, 4)).toEqual([0.5, 0, 0.5, 0]);
    expect(at(40, 4)).toEqual([0.110552593, 0.118703031, 0.063873022, -0.114300491].map(close));
    expect(at(48, 4)).toEqual([0.249203421, 0.968451163, 0.482682685, 0.87579531].map(close));
    expect(at(56, 4)).toEqual([0.060378497, 0.998175554, 0.12053668, 0.992708874].map(close));
  });

  test('a reference trip without an earlier one has recency 0.5: 1 0 0 -1 -1 0 0 1', () => {
    const t3 = encoded(64, (target) =>
      writeTemporalContext(
        target,
        referenceTrip({ shopWeek: 200610, weekday: 1, hour: 12, lastShopWeek: undefined }),
      ),
    );
    for (const [index, value] of [1, 0, 0, -1, -1, 0, 0, 1].entries())
      expect(t3[56 + index]).toBeCloseTo(value, 12);
  });

  test('the corrected trip follows its date: weekday, holiday, season', () => {
    // Monday 25 December 2006, in fiscal week 200644.
    const christmas = correctedTrip({
      shopWeek: 200644,
      week: 38,
      date: dayOf(2006, 12, 25),
      hour: 9,
      recencyDays: 7,
    });
    expect(christmas).toMatchObject({ weekRow: 44, weekdayRow: 1, isHoliday: true, recency: 7 / 364 });
    expect(SEASONS[christmas.seasonRow]).toBe('winter');
    const april = correctedTrip({
      shopWeek: 200607,
      week: 1,
      date: dayOf(2006, 4, 12),
      hour: 9,
      recencyDays: -1,
    });
    expect(SEASONS[april.seasonRow]).toBe('spring');
    expect(april).toMatchObject({ weekdayRow: 3, trend: 0, recency: undefined });
  });

  test('a first trip writes zeros for recency; harmonics lie on the unit circle', () => {
    const trip = { shopWeek: 200607, week: 117, date: dayOf(2008, 7, 1), hour: 9, recencyDays: -1 };
    const t3 = encoded(64, (target) => writeTemporalContext(target, correctedTrip(trip)));
    expect(t3.slice(56).every((value) => value === 0)).toBe(true);
    for (let k = 0; k < 4; k++)
      expect(Math.hypot(t3[48 + 2 * k] ?? 0, t3[49 + 2 * k] ?? 0)).toBeCloseTo(1, 12);
    expect(correctedTrip({ ...trip, recencyDays: 9999 }).recency).toBe(1);
  });

  test('seasons are meteorological', () => {
    expect([12, 1, 2, 3, 5, 6, 8, 9, 11].map((month) => SEASONS[seasonOfMonth(month)])).toEqual([
      'winter',
      'winter',
      'winter',
      'spring',
      'spring',
      'summer',
      'summer',
      'autumn',
      'autumn',
    ]);
  });
});
