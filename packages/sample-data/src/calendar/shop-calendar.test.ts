import { describe, expect, it } from 'vitest';
import { dateText, seasonOf, shopCalendar, shopWeekday, timeCsv } from './shop-calendar.js';

describe('the shop calendar', () => {
  const calendar = shopCalendar(117);

  it('runs from 200607 to 200819 in fiscal weeks of 52 a year', () => {
    expect([calendar[0]?.week, calendar[45]?.week, calendar[46]?.week, calendar.at(-1)?.week]).toEqual([
      200607, 200652, 200701, 200819,
    ]);
    expect(dateText(calendar.at(-1)?.monday ?? 0)).toBe('20080630');
  });

  it('lacks the four weeks that LGSR lacks', () => {
    expect(calendar.filter(({ hasData }) => !hasData).map(({ week }) => week)).toEqual([
      200608, 200643, 200703, 200743,
    ]);
  });

  it('counts weekdays from Sunday', () => {
    expect(shopWeekday(calendar[0]?.monday ?? 0)).toBe(2);
    expect(shopWeekday((calendar[0]?.monday ?? 0) + 6)).toBe(1);
  });

  it('has its seasons at the same place each year', () => {
    expect(seasonOf(43, 43, 2)).toBe(1);
    expect(seasonOf(1, 52, 2)).toBeCloseTo(seasonOf(51, 52, 2));
  });

  it('writes Monday and Sunday of every week', () => {
    expect(timeCsv(shopCalendar(2))).toBe(
      'shop_week,date_from,date_to\n200607,20060410,20060416\n200608,20060417,20060423\n',
    );
  });
});
