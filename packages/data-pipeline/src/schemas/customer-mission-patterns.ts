import { column, defineTable } from '@retail-sim/artifacts/schema';

const madeBy = 'retail-data-pipeline';

const share = (of: string) => column.float64({ description: `Share of ${of}`, unit: 'share 0-1' });
const shrunk = (of: string) =>
  column.float64({
    description: `Share of ${of}, pulled to the population with the weight of 2 trips`,
    unit: 'share 0-1',
  });
const count = (of: string) => column.uint32({ description: `Baskets of ${of}`, unit: 'baskets' });

const missions = {
  dominant_mission_type: column.dictionary('uint8', {
    description: 'Most frequent trip type; ties to the alphabetically first',
  }),
  mission_type_entropy: column.float64({ description: 'Entropy of the trip types', unit: 'nats' }),
  p_mission_full_shop: share('trips: Full Shop'),
  p_mission_small_shop: share('trips: Small Shop'),
  p_mission_top_up: share('trips: Top Up'),
  p_mission_emergency: share('trips: Emergency (reserved; absent from LGSR)'),
  p_mission_unknown: share('all trips whose type is XX, null or outside the vocabulary'),
  dominant_focus: column.dictionary('uint8', {
    description: 'Most frequent focus; ties to the alphabetically first',
  }),
  focus_entropy: column.float64({ description: 'Entropy of the focus', unit: 'nats' }),
  p_focus_fresh: share('trips: Fresh'),
  p_focus_grocery: share('trips: Grocery'),
  p_focus_mixed: share('trips: Mixed'),
  p_focus_nonfood: share('trips: Nonfood'),
  p_focus_unknown: share('all trips whose focus is XX, null or outside the vocabulary'),
  mean_price_sensitivity: column.float64({
    description: 'Mean of LA 1, MM 0.5, UM 0 (with --compat reference: 0, 0.5, 1)',
    unit: 'share 0-1',
  }),
  sensitivity_imputed: column.bool({
    description: 'No basket with a known sensitivity: the mean is that of the population',
  }),
  sensitivity_volatility: column.float64({ description: 'Sample standard deviation of the same' }),
  typical_sensitivity: column.dictionary('uint8', { description: 'Most frequent sensitivity; none: MM' }),
  p_sens_unknown: share('all trips whose sensitivity is XX, null or outside the vocabulary'),
  mean_basket_size: column.float64({ description: 'Mean of S 0.33, M 0.67, L 1.0', unit: 'share 0-1' }),
  basket_size_variance: column.float64({ description: 'Sample variance of the same' }),
  basket_size_std: column.float64({ description: 'Sample standard deviation of the same' }),
  total_trips: column.uint32({ description: 'Baskets' }),
  avg_items_per_trip: column.float64({ description: 'Mean units of a basket', unit: 'units' }),
  avg_spend_per_trip: column.float64({ description: 'Mean spend of a basket', unit: 'GBP' }),
  p_size_s: share('trips: S'),
  p_size_m: share('trips: M'),
  p_size_l: share('trips: L'),
  mission_consistency: column.float64({
    description: '1 less the mean of four scaled spreads: type, focus, sensitivity, size',
    unit: 'share 0-1',
  }),
  reliable: column.bool({ description: 'At least --min-trips baskets' }),
  ps_mission_full_shop: shrunk('trips: Full Shop'),
  ps_mission_small_shop: shrunk('trips: Small Shop'),
  ps_mission_top_up: shrunk('trips: Top Up'),
  ps_focus_fresh: shrunk('trips: Fresh'),
  ps_focus_grocery: shrunk('trips: Grocery'),
  ps_focus_mixed: shrunk('trips: Mixed'),
  ps_focus_nonfood: shrunk('trips: Nonfood'),
  n_mission_full_shop: count('Full Shop'),
  n_mission_small_shop: count('Small Shop'),
  n_mission_top_up: count('Top Up'),
  n_mission_emergency: count('Emergency'),
  n_focus_fresh: count('Fresh'),
  n_focus_grocery: count('Grocery'),
  n_focus_mixed: count('Mixed'),
  n_focus_nonfood: count('Nonfood'),
  n_sens_la: count('LA'),
  n_sens_mm: count('MM'),
  n_sens_um: count('UM'),
  n_size_s: count('S'),
  n_size_m: count('M'),
  n_size_l: count('L'),
} as const;

/** Stage 4, spec section 2 §4: one row per known customer, ascending, over the fit window. */
export const customerMissionPatterns = defineTable({
  name: 'customer_mission_patterns',
  file: 'customer_mission_patterns.parquet',
  madeBy,
  version: 1,
  description: 'Trip types, focus, price sensitivity and basket size of a customer over the fit window.',
  columns: {
    customer_id: column.dictionary('uint32', { description: 'CUST_CODE' }),
    ...missions,
    mission_type_dist: column.utf8({ description: 'The p_mission_ shares as JSON, keys alphabetical' }),
    mission_focus_dist: column.utf8({ description: 'The p_focus_ shares as JSON, keys alphabetical' }),
  },
});

/**
 * Spec section 2 §4.1: the same as it stood before the week, from baskets of earlier weeks only; the rows of
 * customer_store_affinity_weekly, in the same order.
 */
export const customerMissionPatternsWeekly = defineTable({
  name: 'customer_mission_patterns_weekly',
  file: 'customer_mission_patterns_weekly.parquet',
  madeBy,
  version: 1,
  description: 'Mission patterns of a customer as of the start of a week; sorted by customer and week.',
  columns: {
    customer: column.uint32({ description: 'Row of the customer in customers.parquet' }),
    customer_id: column.dictionary('uint32', { description: 'CUST_CODE' }),
    week_idx: column.int16({ description: 'The state holds before this week', unit: 'weeks' }),
    ...missions,
  },
});
