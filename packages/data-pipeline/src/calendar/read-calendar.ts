import { readFile } from 'node:fs/promises';
import { InputError } from '@retail-sim/errors';
import { parse } from 'csv-parse/sync';

/** One fiscal week. */
export interface CalendarWeek {
  /** `YYYYWW`, a label. */
  readonly week: number;
  /** 1-based position in the calendar. */
  readonly weekIdx: number;
  /** Monday and Sunday, `YYYYMMDD`; null without a calendar file. */
  readonly dateFrom: number | null;
  readonly dateTo: number | null;
}

export type Calendar = readonly CalendarWeek[];

const WEEKS_PER_YEAR = 52;
const REQUIRED = ['shop_week', 'date_from', 'date_to'] as const;

/**
 * Reads `time.csv` (`shop_week,date_from,date_to`, spec section 2 §0.4): the week index is the 1-based position in
 * ascending order of the week.
 *
 * @throws InputError naming file, line and column
 */
export async function readCalendar(file: string): Promise<Calendar> {
  const rows = parseCalendar(file, await readFile(file, 'utf8'));
  const sorted = rows.toSorted((a, b) => a.week - b.week);
  sorted.forEach(({ week, line }, index) => {
    if (index > 0 && sorted[index - 1]?.week === week) {
      throw new InputError({
        what: `the week ${week} is listed twice`,
        where: { file, line, column: 'shop_week' },
        remedy: 'list every week once',
      });
    }
  });
  return sorted.map(({ week, dateFrom, dateTo }, index) => ({ week, weekIdx: index + 1, dateFrom, dateTo }));
}

interface CalendarLine {
  readonly line: number;
  readonly week: number;
  readonly dateFrom: number;
  readonly dateTo: number;
}

function parseCalendar(file: string, text: string): CalendarLine[] {
  let records: Record<string, string>[];
  try {
    records = parse(text, {
      bom: true,
      columns: (names: string[]) => names.map((name) => name.trim().toLowerCase()),
      skip_empty_lines: true,
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError({
      what: `is not a calendar: ${reason}`,
      where: { file },
      remedy: 'write the lines shop_week,date_from,date_to',
      cause,
    });
  }
  const [first] = records;
  const missing = REQUIRED.filter((name) => first !== undefined && first[name] === undefined);
  if (first === undefined || missing.length > 0) {
    throw new InputError({
      what: first === undefined ? 'lists no week' : `lacks the columns ${missing.join(', ')}`,
      where: { file, line: 1 },
      remedy: 'write a header shop_week,date_from,date_to and one line a week',
    });
  }
  return records.map((record, index) => {
    const line = index + 2;
    const number = (column: (typeof REQUIRED)[number], pattern: RegExp) => {
      const value = record[column] ?? '';
      if (!pattern.test(value)) {
        throw new InputError({
          what: `"${value}" is not ${column === 'shop_week' ? 'a week YYYYWW' : 'a date YYYYMMDD'}`,
          where: { file, line, column },
          remedy: 'correct the calendar',
        });
      }
      return Number(value);
    };
    const week = number('shop_week', /^\d{4}(0[1-9]|[1-4]\d|5[0-3])$/);
    const dateFrom = number('date_from', /^\d{8}$/);
    const dateTo = number('date_to', /^\d{8}$/);
    for (const [column, date] of [
      ['date_from', dateFrom],
      ['date_to', dateTo],
    ] as const) {
      if (daysSinceEpoch(date) === undefined) {
        throw new InputError({
          what: `${date} is not a day`,
          where: { file, line, column },
          remedy: 'correct the calendar',
        });
      }
    }
    return { line, week, dateFrom, dateTo };
  });
}

/** Days since 1970-01-01 of a day written YYYYMMDD; undefined where there is no such day. */
export function daysSinceEpoch(date: number): number | undefined {
  const year = Math.floor(date / 10_000);
  const month = Math.floor(date / 100) % 100;
  const day = date % 100;
  const time = Date.UTC(year, month - 1, day);
  const back = new Date(time);
  if (back.getUTCFullYear() !== year || back.getUTCMonth() !== month - 1 || back.getUTCDate() !== day)
    return undefined;
  return Math.round(time / 86_400_000);
}

/** A century: more weeks without a calendar are no calendar but a week that is written wrong. */
const MOST_WEEKS = 5_200;

/**
 * The calendar to fall back to without `time.csv`: years of 52 weeks, of 53 where the data has one, from the first to the
 * last week with data, no dates. Callers warn.
 *
 * @throws InputError where the weeks lie too far apart
 */
export function calendarWithoutFile(weeks: readonly number[]): Calendar {
  if (weeks.length === 0) return [];
  const [first, last] = [Math.min(...weeks), Math.max(...weeks)];
  const longYears = new Set(weeks.filter((week) => week % 100 > WEEKS_PER_YEAR).map(yearOf));
  if ((yearOf(last) - yearOf(first) + 1) * WEEKS_PER_YEAR > MOST_WEEKS) {
    throw new InputError({
      what: `SHOP_WEEK goes from ${first} to ${last}: too many weeks to number without a calendar`,
      remedy: 'put time.csv beside the data or name it with --calendar; other weeks are rejected then',
    });
  }
  const calendar: CalendarWeek[] = [];
  for (let year = yearOf(first); year <= yearOf(last); year += 1) {
    for (let number = 1; number <= WEEKS_PER_YEAR + (longYears.has(year) ? 1 : 0); number += 1) {
      const week = year * 100 + number;
      if (week < first || week > last) continue;
      calendar.push({ week, weekIdx: calendar.length + 1, dateFrom: null, dateTo: null });
    }
  }
  return calendar;
}

function yearOf(week: number): number {
  return Math.floor(week / 100);
}
