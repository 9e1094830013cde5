// The 32 statistics of a customer (spec section 3, layer 4, layout v2; CH-7 to CH-9), from the as-of rows of stages 3 and 4.

import { CUSTOMER_STATISTICS_SIZE } from '../schemas/customer-states.js';

/** Columns of customer_mission_patterns that the statistics read, in the order of {@link customerStatistics}. */
export const MISSION_COLUMNS = [
  'p_mission_top_up',
  'p_mission_full_shop',
  'p_mission_small_shop',
  'p_focus_fresh',
  'p_focus_grocery',
  'p_focus_mixed',
  'p_focus_nonfood',
  'p_mission_unknown',
  'mean_price_sensitivity',
  'sensitivity_volatility',
  'mean_basket_size',
  'basket_size_std',
  'p_size_s',
  'p_size_m',
  'p_size_l',
  'mission_type_entropy',
  'focus_entropy',
  'mission_consistency',
  'total_trips',
  'avg_items_per_trip',
  'avg_spend_per_trip',
  'reliable',
] as const;

/** Columns of customer_store_affinity that the statistics read. */
export const AFFINITY_COLUMNS = [
  'loyalty_shrunk',
  'switching_rate',
  'region_diversity',
  'visit_concentration',
  'primary_store_share',
  'tenure_weeks',
  'active_weeks',
  'last_week_idx',
] as const;

/** Entropies of evenly spread trips over three types and four focuses. */
const LARGEST_ENTROPY = { type: Math.log(3), focus: Math.log(4) };
const LOG_TRIPS = Math.log(1001);
const LOG_ITEMS = Math.log(101);
const LOG_SPEND = Math.log(501);
const REGIONS = 12;
const TENURE_WEEKS = 117;
const TRIPS_A_WEEK = 5;
const WEEKS_AWAY = 52;

/**
 * Statistics `[32]` of one customer before `week`. `missions` and `affinity` hold the values of the columns above, in
 * their order.
 */
export function customerStatistics(
  missions: ArrayLike<number>,
  affinity: ArrayLike<number>,
  week: number,
  out: Float64Array,
): void {
  const m = (column: number) => missions[column] ?? 0;
  const a = (column: number) => affinity[column] ?? 0;
  const trips = m(18);
  out.fill(0, 0, CUSTOMER_STATISTICS_SIZE);
  for (let column = 0; column < 15; column++) out[column] = m(column);
  out[15] = m(15) / LARGEST_ENTROPY.type;
  out[16] = m(16) / LARGEST_ENTROPY.focus;
  out[17] = m(17);
  out[18] = Math.log(1 + trips) / LOG_TRIPS;
  out[19] = Math.log(1 + m(19)) / LOG_ITEMS;
  out[20] = Math.log(1 + m(20)) / LOG_SPEND;
  out[21] = a(0);
  out[22] = a(1);
  out[23] = a(2) / REGIONS;
  out[24] = a(3);
  out[25] = a(4);
  out[26] = a(5) / TENURE_WEEKS;
  out[27] = Math.min(1, trips / Math.max(a(6), 1) / TRIPS_A_WEEK);
  out[28] = Math.min(1, Math.max(0, week - a(7)) / WEEKS_AWAY);
  out[29] = m(21);
}
