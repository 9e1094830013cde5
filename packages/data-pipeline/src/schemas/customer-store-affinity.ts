import { column, defineTable } from '@retail-sim/artifacts/schema';

const madeBy = 'retail-data-pipeline';

const affinity = {
  primary_store: column.dictionary('uint32', {
    description: 'Store with the most visits; ties: higher spend, later last visit, smaller id',
  }),
  loyalty_score: column.float64({
    description: 'Herfindahl index of the visits over stores; 1: one store',
    unit: 'share 0-1',
  }),
  loyalty_shrunk: column.float64({
    description: 'loyalty_score pulled to the population mean with the weight of 5 visits',
    unit: 'share 0-1',
  }),
  switching_rate: column.float64({
    description:
      'Share of the observed weeks with a store that was not visited in the 4 calendar weeks before',
    unit: 'share 0-1',
  }),
  switch_weeks_observed: column.uint32({
    description: 'Weeks behind switching_rate: those with a visit in the 4 calendar weeks before',
    unit: 'weeks',
  }),
  region_diversity: column.uint32({
    nullable: true,
    description: 'Distinct regions; null where no visited store has one',
  }),
  total_stores_visited: column.uint32({ description: 'Distinct stores' }),
  visit_concentration: column.float64({
    description: 'Share of the visits in the 3 most visited stores',
    unit: 'share 0-1',
  }),
  primary_store_share: column.float64({
    description: 'Share of the visits in the primary store',
    unit: 'share 0-1',
  }),
  tenure_weeks: column.uint32({
    description: 'Calendar weeks from the first to the last visit, both included',
    unit: 'weeks',
  }),
  active_weeks: column.uint32({ description: 'Weeks with a visit', unit: 'weeks' }),
  last_week_idx: column.int16({ description: 'Week of the last visit', unit: 'weeks' }),
  n_trips: column.uint32({ description: 'Baskets' }),
  total_spend: column.float64({ description: 'Spend', unit: 'GBP' }),
} as const;

/** Stage 3, spec section 2 §3: one row per known customer, ascending, over the fit window. */
export const customerStoreAffinity = defineTable({
  name: 'customer_store_affinity',
  file: 'customer_store_affinity.parquet',
  madeBy,
  version: 1,
  description: 'Loyalty, switching and mobility of a customer over the fit window.',
  columns: { customer_id: column.dictionary('uint32', { description: 'CUST_CODE' }), ...affinity },
});

/**
 * Spec section 2 §4.1: the same as it stood before the week, from baskets of earlier weeks only. A row for each
 * customer and week in which the customer shops and has shopped before, and one for the week after the last.
 */
export const customerStoreAffinityWeekly = defineTable({
  name: 'customer_store_affinity_weekly',
  file: 'customer_store_affinity_weekly.parquet',
  madeBy,
  version: 1,
  description: 'Affinity of a customer as of the start of a week; sorted by customer and week.',
  columns: {
    customer: column.uint32({ description: 'Row of the customer in customers.parquet' }),
    customer_id: column.dictionary('uint32', { description: 'CUST_CODE' }),
    week_idx: column.int16({ description: 'The state holds before this week', unit: 'weeks' }),
    ...affinity,
  },
});
