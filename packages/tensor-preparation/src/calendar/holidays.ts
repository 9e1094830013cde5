// Holidays of the United Kingdom as shops feel them (spec section 4, 3.3): 18 December to 1 January, Good Friday to Easter
// Monday, and the three bank-holiday weekends, Saturday to Monday.

import { dayOf, isoWeekday, yearOfDay } from './day.js';

/** Name of this list in manifests. */
export const HOLIDAY_LIST = 'uk-default';

/** Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher). */
export function easterSunday(year: number): number {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const yearOfCentury = year % 100;
  const leapCenturies = Math.floor(century / 4);
  const moonCorrection = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3);
  const epact = (19 * golden + century - leapCenturies - moonCorrection + 15) % 30;
  const weekdayShift =
    (32 + 2 * (century % 4) + 2 * Math.floor(yearOfCentury / 4) - epact - (yearOfCentury % 4)) % 7;
  const lateCorrection = Math.floor((golden + 11 * epact + 22 * weekdayShift) / 451);
  const monthAndDay = epact + weekdayShift - 7 * lateCorrection + 114;
  return dayOf(year, Math.floor(monthAndDay / 31), (monthAndDay % 31) + 1);
}

/** Whether `day` (days since 1970-01-01) is in the list. */
export function isHoliday(day: number): boolean {
  const year = yearOfDay(day);
  if (day >= dayOf(year, 12, 18) || day === dayOf(year, 1, 1)) return true;
  const easter = easterSunday(year);
  if (day >= easter - 2 && day <= easter + 1) return true;
  return [firstMonday(year, 5), lastMonday(year, 5), lastMonday(year, 8)].some(
    (monday) => day >= monday - 2 && day <= monday,
  );
}

function firstMonday(year: number, month: number): number {
  const first = dayOf(year, month, 1);
  return first + ((8 - isoWeekday(first)) % 7);
}

/** Last Monday of a month of 31 days. */
function lastMonday(year: number, month: number): number {
  const last = dayOf(year, month, 31);
  return last - (isoWeekday(last) - 1);
}
