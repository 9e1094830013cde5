// T3: when the trip is (spec section 4, 3.3).
//
//   0-15  week     16-23  weekday     24-31  hour     32-39  holiday     40-47  season     48-55  trend     56-63  recency

import { isoWeekday, monthOfDay } from '../calendar/day.js';
import { isHoliday as isUkHoliday } from '../calendar/holidays.js';
import { drawTables, writeRow } from './lookup-table.js';
import { SHARE_HARMONICS_SIZE, writeShareHarmonics } from './share-harmonics.js';
import type { TensorTarget } from './tensor-target.js';

export const TEMPORAL_CONTEXT_SIZE = 64;

const WEEKS_OF_YEAR = 52;
const LAST_WEEKDAY = 7;
const LAST_HOUR = 24;

export const [weekTable, weekdayTable, hourTable, seasonTable] = drawTables([
  { rows: WEEKS_OF_YEAR + 1, width: 16 },
  { rows: LAST_WEEKDAY + 1, width: 8 },
  { rows: LAST_HOUR + 1, width: 8 },
  { rows: 4, width: 8 },
]);

/** Rows of the season table. */
export const SEASONS = ['spring', 'summer', 'autumn', 'winter'] as const;

/** The calendar has 117 weeks from the first to the last of the full data: the trend is 0 there and 1 at the end. */
const TREND_WEEKS = 116;
/** A gap of 52 weeks or more counts as 1. */
const RECENCY_DAYS = 364;

/** Weeks of the reference's holidays, wrongly taken as weeks of the calendar year (D-16). */
const REFERENCE_HOLIDAY_WEEKS = new Set([1, 13, 14, 15, 26, 27, 28, 29, 30, 31, 32, 33, 47, 51, 52]);
/** Trend bounds of the reference, raw YYYYWW. */
const REFERENCE_FIRST_WEEK = 200607;
const REFERENCE_LAST_WEEK = 200844;
/** Recency of a first trip in the reference. */
const REFERENCE_NO_VISIT = 0.5;

/** What T3 is a function of, table rows and shares; see {@link correctedTrip} and {@link referenceTrip}. */
export interface TemporalContext {
  readonly weekRow: number;
  readonly weekdayRow: number;
  readonly hourRow: number;
  readonly isHoliday: boolean;
  readonly seasonRow: number;
  readonly trend: number;
  /** Share of a year since the previous basket; `undefined` writes zeros. */
  readonly recency: number | undefined;
}

/** Whether a day (days since 1970-01-01) is a holiday. */
export type HolidayRule = (day: number) => boolean;

/** The trip as a date and an hour tell it. `week` is the calendar index, `recencyDays` -1 without an earlier basket. */
export function correctedTrip(
  trip: {
    readonly shopWeek: number;
    readonly week: number;
    readonly date: number;
    readonly hour: number;
    readonly recencyDays: number;
  },
  isHoliday: HolidayRule = isUkHoliday,
): TemporalContext {
  return {
    weekRow: clampedWeek(trip.shopWeek),
    weekdayRow: isoWeekday(trip.date),
    hourRow: Math.min(trip.hour, LAST_HOUR),
    isHoliday: isHoliday(trip.date),
    seasonRow: seasonOfMonth(monthOfDay(trip.date)),
    trend: (trip.week - 1) / TREND_WEEKS,
    recency: trip.recencyDays < 0 ? undefined : Math.min(trip.recencyDays / RECENCY_DAYS, 1),
  };
}

/** The trip as the reference reads it: fiscal weeks as calendar weeks, weekday 1 as Monday, arithmetic on YYYYWW. */
export function referenceTrip(trip: {
  readonly shopWeek: number;
  readonly weekday: number;
  readonly hour: number;
  readonly lastShopWeek: number | undefined;
}): TemporalContext {
  const week = clampedWeek(trip.shopWeek);
  const month = Math.min(Math.max(Math.floor((week - 1) / 4) + 1, 1), 12);
  return {
    weekRow: week,
    weekdayRow: Math.min(trip.weekday, LAST_WEEKDAY),
    hourRow: Math.min(trip.hour, LAST_HOUR),
    isHoliday: REFERENCE_HOLIDAY_WEEKS.has(week),
    seasonRow: seasonOfMonth(month),
    trend: (trip.shopWeek - REFERENCE_FIRST_WEEK) / (REFERENCE_LAST_WEEK - REFERENCE_FIRST_WEEK),
    recency:
      trip.lastShopWeek === undefined
        ? REFERENCE_NO_VISIT
        : Math.min((trip.shopWeek - trip.lastShopWeek) / WEEKS_OF_YEAR, 1),
  };
}

/** Writes T3, `[64]`. */
export function writeTemporalContext({ out, offset }: TensorTarget, trip: TemporalContext): void {
  writeRow({ out, offset }, weekTable, trip.weekRow);
  writeRow({ out, offset: offset + 16 }, weekdayTable, trip.weekdayRow);
  writeRow({ out, offset: offset + 24 }, hourTable, trip.hourRow);
  for (let i = 0; i < 8; i++) out[offset + 32 + i] = i % 2 === (trip.isHoliday ? 0 : 1) ? 0.5 : 0;
  writeRow({ out, offset: offset + 40 }, seasonTable, trip.seasonRow);
  writeShareHarmonics({ out, offset: offset + 48 }, trip.trend);
  if (trip.recency === undefined) out.fill(0, offset + 56, offset + 56 + SHARE_HARMONICS_SIZE);
  else writeShareHarmonics({ out, offset: offset + 56 }, trip.recency);
}

/** Row of {@link SEASONS} of a month 1-12, meteorological. */
export function seasonOfMonth(month: number): number {
  return Math.floor(((month + 9) % 12) / 3);
}

function clampedWeek(shopWeek: number): number {
  return Math.min(Math.max(shopWeek % 100, 1), WEEKS_OF_YEAR);
}
