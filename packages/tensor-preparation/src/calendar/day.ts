// Days as the artifacts store them: whole days since 1970-01-01, without time zone.

const MILLISECONDS_A_DAY = 86_400_000;

/** Day of a date of the Gregorian calendar, `month` 1-12. */
export function dayOf(year: number, month: number, day: number): number {
  return Date.UTC(year, month - 1, day) / MILLISECONDS_A_DAY;
}

/** Year of a day. */
export function yearOfDay(day: number): number {
  return new Date(day * MILLISECONDS_A_DAY).getUTCFullYear();
}

/** Month 1-12 of a day. */
export function monthOfDay(day: number): number {
  return new Date(day * MILLISECONDS_A_DAY).getUTCMonth() + 1;
}

/** 1 Monday to 7 Sunday. 1970-01-01 was a Thursday. */
export function isoWeekday(day: number): number {
  return ((((day + 3) % 7) + 7) % 7) + 1;
}

/** `2006-04-10`. */
export function dayText(day: number): string {
  return new Date(day * MILLISECONDS_A_DAY).toISOString().slice(0, 10);
}
