import { expect, test } from 'vitest';
import type { BasketAttribute } from '../read-processed/read-labels.js';
import { ACTIVITY_COLUMNS, storeActivities } from './store-activity.js';

interface Basket {
  readonly week: number;
  readonly weekday?: number;
  readonly hour?: number;
  readonly store?: number;
  /** Left out: anonymous. */
  readonly customer?: number;
  readonly units?: number;
  readonly pence?: number;
  readonly labels?: Partial<Record<BasketAttribute, number>>;
}

/** Label codes of this test are the positions themselves. */
const positions = Int8Array.from({ length: 256 }, (_, code) => (code < 4 ? code : -1));
const labels = {
  basket_type: positions,
  basket_dominant_mission: positions,
  basket_price_sensitivity: positions,
  basket_size: positions,
};

function activityOf(baskets: readonly Basket[], fitThroughWeek = 20) {
  const column = (name: BasketAttribute) => ({
    data: Uint8Array.from(baskets, (basket) => basket.labels?.[name] ?? 0),
    valid: Uint8Array.from(baskets, (basket) => (basket.labels?.[name] === undefined ? 0 : 1)),
  });
  const activities = storeActivities(2, 40, 20, labels);
  activities.add(
    {
      rows: baskets.length,
      columns: {
        week_idx: Int16Array.from(baskets, ({ week }) => week),
        shop_weekday: Uint8Array.from(baskets, ({ weekday }) => weekday ?? 3),
        shop_hour: Uint8Array.from(baskets, ({ hour }) => hour ?? 12),
        store: Uint32Array.from(baskets, ({ store }) => store ?? 0),
        customer: {
          data: Uint32Array.from(baskets, ({ customer }) => customer ?? 0),
          valid: Uint8Array.from(baskets, ({ customer }) => (customer === undefined ? 0 : 1)),
        },
        basket_type: column('basket_type'),
        basket_dominant_mission: column('basket_dominant_mission'),
        basket_price_sensitivity: column('basket_price_sensitivity'),
        basket_size: column('basket_size'),
        quantity: Float64Array.from(baskets, ({ units }) => units ?? 1),
        spend_pence: Float64Array.from(baskets, ({ pence }) => pence ?? 100),
      },
    },
    fitThroughWeek,
  );
  return activities.of(0);
}

test('the columns that are counted are columns of a basket', () => {
  expect(new Set(ACTIVITY_COLUMNS).size).toBe(ACTIVITY_COLUMNS.length);
});

test('customers are distinct by week and over all; anonymous baskets are nobody', () => {
  const found = activityOf([
    { week: 1, customer: 3 },
    { week: 1, customer: 3 },
    { week: 1, customer: 35 },
    { week: 2, customer: 3 },
    { week: 2 },
  ]);
  expect(found).toMatchObject({
    baskets: 5,
    activeWeeks: 2,
    customers: 2,
    customerWeeks: 3,
    anonymousBaskets: 1,
  });
});

test('the weekend is Saturday and Sunday', () => {
  const week = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ week: 1, weekday }));
  expect(activityOf(week).weekendBaskets).toBe(2);
  expect(
    activityOf([
      { week: 1, weekday: 1 },
      { week: 1, weekday: 7 },
    ]).weekendBaskets,
  ).toBe(2);
});

test('labels outside the lists count for no label', () => {
  const found = activityOf([
    { week: 1, labels: { basket_size: 2, basket_type: 9 } },
    { week: 1, labels: { basket_size: 0 } },
  ]);
  expect(found.labels.basket_size).toEqual([1, 0, 1]);
  expect(found.labels.basket_type).toEqual([0, 0, 0]);
});

test('later weeks and other stores do not count', () => {
  const one = [{ week: 1, customer: 1, units: 3 }];
  const more = [...one, { week: 5, customer: 2, units: 9 }, { week: 1, store: 1, customer: 4 }];
  expect(activityOf(more, 4)).toEqual(activityOf(one, 4));
});

test('hours go round the clock: 23 and 1 meet at midnight', () => {
  const { hourSine, hourCosine } = activityOf([
    { week: 1, hour: 23 },
    { week: 1, hour: 1 },
  ]);
  expect(Math.atan2(hourSine, hourCosine)).toBeCloseTo(0, 9);
});
