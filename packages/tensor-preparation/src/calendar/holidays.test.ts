import { expect, test } from 'vitest';
import { dayOf, dayText, isoWeekday } from './day.js';
import { easterSunday, isHoliday } from './holidays.js';

test('Easter Sunday of known years', () => {
  expect([2000, 2006, 2007, 2008, 2019, 2024, 2025].map((year) => dayText(easterSunday(year)))).toEqual([
    '2000-04-23',
    '2006-04-16',
    '2007-04-08',
    '2008-03-23',
    '2019-04-21',
    '2024-03-31',
    '2025-04-20',
  ]);
});

test('Christmas, Easter and bank-holiday weekends are holidays, days beside them are not', () => {
  const holidays = [
    dayOf(2006, 12, 18),
    dayOf(2007, 1, 1),
    dayOf(2006, 4, 14), // Good Friday
    dayOf(2006, 4, 17), // Easter Monday
    dayOf(2007, 5, 5), // Saturday before the early May bank holiday
    dayOf(2007, 5, 7),
    dayOf(2007, 5, 28),
    dayOf(2007, 8, 27),
  ];
  const others = [
    dayOf(2006, 12, 17),
    dayOf(2007, 1, 2),
    dayOf(2006, 4, 13),
    dayOf(2006, 4, 18),
    dayOf(2007, 5, 4),
    dayOf(2007, 5, 8),
    dayOf(2007, 8, 28),
    dayOf(2006, 2, 26), // fiscal week 1, a holiday in the reference
  ];
  expect(holidays.map(isHoliday)).toEqual(holidays.map(() => true));
  expect(others.map(isHoliday)).toEqual(others.map(() => false));
});

test('weekdays are ISO, also before 1970', () => {
  expect([dayOf(2006, 4, 10), dayOf(2006, 4, 16), dayOf(1969, 12, 28)].map(isoWeekday)).toEqual([1, 7, 7]);
});
