import { expect, test } from 'vitest';
import { type HourCount, splitBaskets } from './basket-split.js';

const shares = [0.8, 0.1, 0.1] as const;
const weeks = (
  train: number[],
  validation: number[],
  test: number[],
  fitThroughWeek = train.at(-1) ?? 0,
) => ({
  version: 1 as const,
  rule: '80/10/10',
  train,
  validation,
  test,
  fitThroughWeek,
  fitThroughShopWeek: 200606 + fitThroughWeek,
});
const hour = (week: number, date: number, at: number, baskets: number): HourCount => ({
  week,
  date,
  hour: at,
  baskets,
});

test('whole weeks are taken over from the pipeline', () => {
  const hours = [hour(1, 1, 9, 80), hour(2, 8, 9, 10), hour(3, 15, 9, 10)];
  expect(splitBaskets(hours, weeks([1], [2], [3]), shares)).toEqual({
    granularity: 'week',
    trainEnd: 80,
    valEnd: 90,
    baskets: 100,
  });
});

test('one week is cut at the coarsest of day, hour and basket that hits the shares', () => {
  const days = Array.from({ length: 10 }, (_, day) => hour(1, day, 9, 10));
  expect(splitBaskets(days, weeks([1], [], []), shares)).toMatchObject({
    granularity: 'day',
    trainEnd: 80,
    valEnd: 90,
  });
  const hours = Array.from({ length: 10 }, (_, at) => hour(1, 1, 8 + at, 10));
  expect(splitBaskets(hours, weeks([1], [], []), shares)).toMatchObject({
    granularity: 'hour',
    trainEnd: 80,
  });
  expect(splitBaskets([hour(1, 1, 9, 100)], weeks([1], [], []), shares)).toMatchObject({
    granularity: 'basket',
    trainEnd: 80,
    valEnd: 90,
  });
});

test('ten baskets can be split, nine cannot, and no part may be empty', () => {
  expect(splitBaskets([hour(1, 1, 9, 10)], weeks([1], [], []), shares)).toMatchObject({
    trainEnd: 8,
    valEnd: 9,
  });
  expect(() => splitBaskets([hour(1, 1, 9, 9)], weeks([1], [], []), shares)).toThrow('9 baskets');
  const three = [hour(1, 1, 9, 80), hour(2, 8, 9, 10), hour(3, 15, 9, 10)];
  expect(() => splitBaskets(three, weeks([1, 2], [], [3]), shares)).toThrow('no basket for validation');
  expect(() => splitBaskets(three, weeks([1, 2, 3], [], []), shares)).toThrow('no basket for');
});

test('statistics that were fitted past train are refused, and so is a week in no part', () => {
  const three = [hour(1, 1, 9, 80), hour(2, 8, 9, 10), hour(3, 15, 9, 10)];
  expect(() => splitBaskets(three, weeks([1], [2], [3], 2), shares)).toThrow('have seen');
  expect(() => splitBaskets(three, weeks([1], [2], []), shares)).toThrow('in no part');
});
