// What happened in each store, counted over its baskets (spec section 3, layer 5; defects SC-1 to SC-4, SC-10).

import type { BatchOf } from '@retail-sim/artifacts';
import type { baskets } from '@retail-sim/data-pipeline/schemas';
import {
  BASKET_ATTRIBUTES,
  BASKET_LABELS,
  type BasketAttribute,
  type LabelPositions,
} from '../read-processed/read-labels.js';

export const ACTIVITY_COLUMNS = [
  'week_idx',
  'shop_weekday',
  'shop_hour',
  'store',
  'customer',
  'basket_type',
  'basket_dominant_mission',
  'basket_price_sensitivity',
  'basket_size',
  'quantity',
  'spend_pence',
] as const;

type BasketBatch = {
  readonly rows: number;
  readonly columns: Pick<BatchOf<typeof baskets>['columns'], (typeof ACTIVITY_COLUMNS)[number]>;
};

/** Sums of one store. */
export interface StoreActivity {
  readonly baskets: number;
  readonly activeWeeks: number;
  readonly firstWeek: number;
  readonly lastWeek: number;
  /** Distinct known customers, and the sum over the weeks of each week's distinct known customers. */
  readonly customers: number;
  readonly customerWeeks: number;
  readonly anonymousBaskets: number;
  readonly weekendBaskets: number;
  readonly units: number;
  readonly spendPence: number;
  readonly spendPenceSquared: number;
  /** Sums of the sine and cosine of the hour on a clock of 24 hours. */
  readonly hourSine: number;
  readonly hourCosine: number;
  /** Baskets by label, in the order of `BASKET_LABELS`. */
  readonly labels: Readonly<Record<BasketAttribute, readonly number[]>>;
  /** Baskets by calendar week, `[weeks + 1]`. */
  readonly byWeek: Uint32Array;
}

/** Sunday is 1, Saturday 7 (SC-1). */
const isWeekend = (weekday: number): boolean => weekday === 1 || weekday === 7;

const SUMS = 7;
const [UNITS, SPEND, SPEND_SQUARED, HOUR_SINE, HOUR_COSINE, ANONYMOUS, WEEKEND] = [
  0, 1, 2, 3, 4, 5, 6,
] as const;
const LABEL_OFFSETS = {
  basket_type: 0,
  basket_dominant_mission: 3,
  basket_price_sensitivity: 7,
  basket_size: 10,
};
const LABELS = 13;

/** Takes in baskets in week order; `of` then says what a store did. Weeks are calendar positions 1..weeks. */
export function storeActivities(stores: number, customers: number, weeks: number, positions: LabelPositions) {
  const sums = new Float64Array(stores * SUMS);
  const labels = new Uint32Array(stores * LABELS);
  const byWeek = new Uint32Array(stores * (weeks + 1));
  const words = Math.ceil(customers / 32);
  const seen = new Uint32Array(stores * words);
  const distinct = new Uint32Array(stores);
  const customerWeeks = new Uint32Array(stores);
  const sines = Float64Array.from({ length: 24 }, (_, hour) => Math.sin((2 * Math.PI * hour) / 24));
  const cosines = Float64Array.from({ length: 24 }, (_, hour) => Math.cos((2 * Math.PI * hour) / 24));
  let week = 0;
  const ofWeek = new Set<number>();

  function countCustomer(store: number, customer: number): void {
    const pair = store * customers + customer;
    if (ofWeek.has(pair)) return;
    ofWeek.add(pair);
    customerWeeks[store] = (customerWeeks[store] ?? 0) + 1;
    const word = store * words + (customer >> 5);
    const bit = 1 << (customer & 31);
    if (((seen[word] ?? 0) & bit) !== 0) return;
    seen[word] = (seen[word] ?? 0) | bit;
    distinct[store] = (distinct[store] ?? 0) + 1;
  }

  function add({ rows, columns }: BasketBatch, fitThroughWeek: number): void {
    for (let row = 0; row < rows; row++) {
      const weekIdx = columns.week_idx[row] ?? 0;
      if (weekIdx > fitThroughWeek) continue;
      if (weekIdx !== week) {
        week = weekIdx;
        ofWeek.clear();
      }
      const store = columns.store[row] ?? 0;
      const at = store * SUMS;
      const spend = columns.spend_pence[row] ?? 0;
      const hour = columns.shop_hour[row] ?? 0;
      sums[at + UNITS] = (sums[at + UNITS] ?? 0) + (columns.quantity[row] ?? 0);
      sums[at + SPEND] = (sums[at + SPEND] ?? 0) + spend;
      sums[at + SPEND_SQUARED] = (sums[at + SPEND_SQUARED] ?? 0) + spend * spend;
      sums[at + HOUR_SINE] = (sums[at + HOUR_SINE] ?? 0) + (sines[hour % 24] ?? 0);
      sums[at + HOUR_COSINE] = (sums[at + HOUR_COSINE] ?? 0) + (cosines[hour % 24] ?? 0);
      if (columns.customer.valid[row] === 1) countCustomer(store, columns.customer.data[row] ?? 0);
      else sums[at + ANONYMOUS] = (sums[at + ANONYMOUS] ?? 0) + 1;
      if (isWeekend(columns.shop_weekday[row] ?? 0)) sums[at + WEEKEND] = (sums[at + WEEKEND] ?? 0) + 1;
      for (const attribute of BASKET_ATTRIBUTES) {
        const { data, valid } = columns[attribute];
        const position = valid[row] === 1 ? (positions[attribute][data[row] ?? 0] ?? -1) : -1;
        if (position < 0) continue;
        const label = store * LABELS + LABEL_OFFSETS[attribute] + position;
        labels[label] = (labels[label] ?? 0) + 1;
      }
      const cell = store * (weeks + 1) + weekIdx;
      byWeek[cell] = (byWeek[cell] ?? 0) + 1;
    }
  }

  function of(store: number): StoreActivity {
    const weekly = byWeek.subarray(store * (weeks + 1), (store + 1) * (weeks + 1));
    const active = Array.from(weekly.keys()).filter((index) => (weekly[index] ?? 0) > 0);
    const sum = (which: number) => sums[store * SUMS + which] ?? 0;
    const labelled = (attribute: BasketAttribute) =>
      BASKET_LABELS[attribute].map(
        (_, position) => labels[store * LABELS + LABEL_OFFSETS[attribute] + position] ?? 0,
      );
    return {
      baskets: weekly.reduce((total, count) => total + count, 0),
      activeWeeks: active.length,
      firstWeek: active[0] ?? 0,
      lastWeek: active.at(-1) ?? 0,
      customers: distinct[store] ?? 0,
      customerWeeks: customerWeeks[store] ?? 0,
      anonymousBaskets: sum(ANONYMOUS),
      weekendBaskets: sum(WEEKEND),
      units: sum(UNITS),
      spendPence: sum(SPEND),
      spendPenceSquared: sum(SPEND_SQUARED),
      hourSine: sum(HOUR_SINE),
      hourCosine: sum(HOUR_COSINE),
      labels: {
        basket_type: labelled('basket_type'),
        basket_dominant_mission: labelled('basket_dominant_mission'),
        basket_price_sensitivity: labelled('basket_price_sensitivity'),
        basket_size: labelled('basket_size'),
      },
      byWeek: weekly,
    };
  }

  return { add, of };
}
