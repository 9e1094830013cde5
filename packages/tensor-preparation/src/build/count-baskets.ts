// First look at the baskets: how many in which hour (to split them), and the class shares of the train split.

import { readTable, type Upstream } from '@retail-sim/artifacts';
import { baskets } from '@retail-sim/data-pipeline/schemas';
import { TRIP_FIELDS, TRIP_SHARES_SIZE } from '../encoders/trip-context.js';
import type { HourCount } from './basket-split.js';
import { LABEL_COLUMNS, type labelReader } from './trip-labels.js';

/** Baskets of each hour with any, in time order. */
export async function countHours(pipeline: Upstream): Promise<HourCount[]> {
  const hours: HourCount[] = [];
  let current: { week: number; date: number; hour: number; baskets: number } | undefined;
  const columns = ['week_idx', 'shop_date', 'shop_hour'] as const;
  for await (const batch of readTable(pipeline.path(baskets), baskets, { columns })) {
    const { week_idx, shop_date, shop_hour } = batch.columns;
    for (let row = 0; row < batch.rows; row++) {
      const date = shop_date[row] ?? 0;
      const hour = shop_hour[row] ?? 0;
      if (current === undefined || current.date !== date || current.hour !== hour) {
        current = { week: week_idx[row] ?? 0, date, hour, baskets: 0 };
        hours.push(current);
      }
      current.baskets++;
    }
  }
  return hours;
}

/** Baskets of each class of the four fields, `[15]`, over the first `count` baskets. */
export async function countClasses(
  pipeline: Upstream,
  labelsOf: ReturnType<typeof labelReader>,
  count: number,
): Promise<Float64Array> {
  const classes = new Float64Array(TRIP_SHARES_SIZE);
  let left = count;
  const columns = LABEL_COLUMNS.map(({ column }) => column);
  for await (const batch of readTable(pipeline.path(baskets), baskets, { columns })) {
    for (let row = 0; row < batch.rows && left > 0; row++, left--) {
      let start = 0;
      for (const [field, label] of labelsOf(batch.columns, row).entries()) {
        if (label > 0) classes[start + label - 1] = (classes[start + label - 1] ?? 0) + 1;
        start += TRIP_FIELDS[field]?.classes.length ?? 0;
      }
    }
    if (left === 0) break;
  }
  return classes;
}
