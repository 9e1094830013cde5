/** One fiscal week of the retailer. */
export interface ShopWeek {
  /** YYYYWW. */
  readonly week: number;
  /** Position in the calendar, from 0. */
  readonly index: number;
  /** Monday, days since 1970-01-01. */
  readonly monday: number;
  /** False for the weeks that the data set lacks; they stand in the calendar only. */
  readonly hasData: boolean;
  /** Baskets relative to the median week. */
  readonly volume: number;
}

/** The calendar of LGSR begins with fiscal week 7 of 2006, on Monday 10 April 2006. */
const FIRST_YEAR = 2006;
const FIRST_WEEK = 7;
const FIRST_MONDAY = Date.UTC(2006, 3, 10) / 86_400_000;
const WEEKS_IN_YEAR = 52;

/** Weeks without a file in LGSR, by position. */
const MISSING = new Set([1, 36, 48, 88]);

/** Christmas week and the two after it, by fiscal week; elsewhere a mild plateau in June and July. */
const CHRISTMAS_VOLUME: Readonly<Record<number, number>> = { 44: 0.71, 45: 0.88, 46: 0.96 };

/** The first `weeks` weeks of the calendar. Weeks are numbered as in LGSR: 200607 to 200652, then 200701. */
export function shopCalendar(weeks: number): readonly ShopWeek[] {
  return Array.from({ length: weeks }, (_, index) => {
    const counted = FIRST_WEEK - 1 + index;
    const fiscalWeek = (counted % WEEKS_IN_YEAR) + 1;
    return {
      week: (FIRST_YEAR + Math.floor(counted / WEEKS_IN_YEAR)) * 100 + fiscalWeek,
      index,
      monday: FIRST_MONDAY + 7 * index,
      hasData: !MISSING.has(index),
      volume: CHRISTMAS_VOLUME[fiscalWeek] ?? 1 + 0.025 * seasonOf(fiscalWeek, 18, 5),
    };
  });
}

/** A bump around a fiscal week: 1 at its peak, 0 far away, the same each year. */
export function seasonOf(fiscalWeek: number, peak: number, width: number): number {
  const apart = Math.abs(fiscalWeek - peak) % WEEKS_IN_YEAR;
  const distance = Math.min(apart, WEEKS_IN_YEAR - apart);
  return Math.exp(-0.5 * (distance / width) ** 2);
}

/** YYYYMMDD of a day counted from 1970-01-01. */
export function dateText(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');
}

/** LGSR's weekday of a day: 1 is Sunday, 7 is Saturday. */
export const shopWeekday = (day: number): number => ((day + 4) % 7) + 1;

/** `time.csv`: every week of the calendar, those without data too. */
export function timeCsv(calendar: readonly ShopWeek[]): string {
  const lines = calendar.map(({ week, monday }) => `${week},${dateText(monday)},${dateText(monday + 6)}`);
  return `${['shop_week,date_from,date_to', ...lines].join('\n')}\n`;
}
