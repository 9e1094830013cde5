// The worked example of the specification (section 2, 6): seven baskets, four products, two stores, two customers.

import type { CalendarWeek, RawLine } from './run-stages.js';
import { dateNumber, fiscalWeeks } from './run-stages.js';

type Item = readonly [product: keyof typeof PRODUCTS, quantity: number, spend: string];

const PRODUCTS = {
  A1: ['PRD0900001', 'CL1'],
  A2: ['PRD0900002', 'CL1'],
  A3: ['PRD0900003', 'CL1'],
  B1: ['PRD0910001', 'CL2'],
} as const;
const STORES = { S1: ['E01', 'LS'], S2: ['W01', 'SS'] } as const;

const BASKETS: readonly {
  readonly week: number;
  readonly weekday: number;
  readonly hour: number;
  readonly customer: string;
  readonly store: keyof typeof STORES;
  readonly labels: readonly [type: string, focus: string, sensitivity: string, size: string];
  readonly items: readonly Item[];
}[] = [
  basket(
    200651,
    2,
    10,
    'U1',
    'S1',
    ['Top Up', 'Fresh', 'LA', 'S'],
    [
      ['A1', 1, '2.00'],
      ['B1', 2, '1.00'],
    ],
  ),
  basket(
    200652,
    7,
    12,
    'U1',
    'S2',
    ['Full Shop', 'Mixed', 'MM', 'L'],
    [
      ['A1', 1, '1.80'],
      ['A2', 1, '2.10'],
      ['B1', 1, '0.50'],
    ],
  ),
  basket(
    200651,
    1,
    10,
    'U2',
    'S1',
    ['Top Up', 'Grocery', 'UM', 'M'],
    [
      ['A1', 2, '4.20'],
      ['B1', 1, '0.40'],
    ],
  ),
  basket(
    200701,
    3,
    15,
    'U2',
    'S1',
    ['Small Shop', 'Fresh', 'UM', 'S'],
    [
      ['A2', 1, '2.00'],
      ['B1', 1, '0.50'],
    ],
  ),
  basket(200701, 6, 10, '', 'S1', ['XX', 'XX', 'XX', 'S'], [['A1', 1, '1.50']]),
  basket(
    200706,
    1,
    9,
    'U1',
    'S2',
    ['Top Up', 'Fresh', 'XX', 'S'],
    [
      ['A1', 1, '2.00'],
      ['A2', 1, '2.00'],
    ],
  ),
  basket(
    200702,
    4,
    21,
    'U2',
    'S2',
    ['Top Up', 'Grocery', 'UM', 'S'],
    [
      ['A1', 1, '2.00'],
      ['A3', 0, '3.00'],
    ],
  ),
];

function basket(
  week: number,
  weekday: number,
  hour: number,
  customer: string,
  store: keyof typeof STORES,
  labels: readonly [string, string, string, string],
  items: readonly Item[],
) {
  return { week, weekday, hour, customer, store, labels, items };
}

export function workedExample(): { readonly lines: RawLine[]; readonly calendar: CalendarWeek[] } {
  const calendar = fiscalWeeks(60);
  const lines = BASKETS.flatMap(({ week, weekday, hour, customer, store, labels, items }, index) => {
    const from = calendar.find((entry) => entry.week === week)?.from ?? 0;
    const [type, focus, sensitivity, size] = labels;
    const [region, format] = STORES[store];
    return items.map(([product, quantity, spend]): RawLine => {
      const [id, category] = PRODUCTS[product];
      return {
        week,
        // Weekday 1 is Sunday, the last day of the week.
        date: dateNumber(from + ((weekday + 5) % 7)),
        weekday,
        hour,
        quantity,
        spend,
        product: id,
        categories: [category, 'DEP1', 'G1', 'D1'],
        customer,
        segments: ['', ''],
        basket: index + 1,
        size,
        sensitivity,
        type,
        focus,
        store,
        format,
        region,
      };
    });
  });
  return { lines, calendar };
}
