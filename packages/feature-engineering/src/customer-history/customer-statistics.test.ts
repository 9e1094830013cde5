import { expect, test } from 'vitest';
import { AFFINITY_COLUMNS, customerStatistics, MISSION_COLUMNS } from './customer-statistics.js';

type Values<Names extends readonly string[]> = Partial<Record<Names[number], number>>;

function statistics(
  missions: Values<typeof MISSION_COLUMNS>,
  affinity: Values<typeof AFFINITY_COLUMNS>,
  week: number,
): Float64Array {
  const out = new Float64Array(32).fill(Number.NaN);
  customerStatistics(
    MISSION_COLUMNS.map((name) => missions[name] ?? 0),
    AFFINITY_COLUMNS.map((name) => affinity[name] ?? 0),
    week,
    out,
  );
  return out;
}

test('every number stands where the specification puts it', () => {
  const found = statistics(
    {
      p_mission_top_up: 0.5,
      p_mission_full_shop: 0.3,
      p_mission_small_shop: 0.2,
      p_focus_nonfood: 0.1,
      p_mission_unknown: 0.05,
      mean_price_sensitivity: 0.4,
      basket_size_std: 0.2,
      p_size_l: 0.6,
      mission_type_entropy: Math.log(3),
      focus_entropy: Math.log(2),
      mission_consistency: 0.7,
      total_trips: 1000,
      avg_items_per_trip: 100,
      avg_spend_per_trip: 500,
      reliable: 1,
    },
    {
      loyalty_shrunk: 0.8,
      switching_rate: 0.15,
      region_diversity: 3,
      visit_concentration: 0.9,
      primary_store_share: 0.85,
      tenure_weeks: 58.5,
      active_weeks: 400,
      last_week_idx: 10,
    },
    36,
  );
  const expected: Readonly<Record<number, number>> = {
    0: 0.5,
    1: 0.3,
    2: 0.2,
    6: 0.1,
    7: 0.05,
    8: 0.4,
    11: 0.2,
    14: 0.6,
    15: 1,
    16: 0.5,
    17: 0.7,
    18: 1,
    19: 1,
    20: 1,
    21: 0.8,
    22: 0.15,
    23: 0.25,
    24: 0.9,
    25: 0.85,
    26: 0.5,
    27: 0.5,
    28: 0.5,
    29: 1,
    30: 0,
    31: 0,
  };
  for (const [place, value] of Object.entries(expected)) expect(found[Number(place)]).toBeCloseTo(value, 9);
});

test('many trips a week and long absences are clipped at 1; nothing is NaN', () => {
  const found = statistics({ total_trips: 900 }, { active_weeks: 2, last_week_idx: 1 }, 300);
  expect(found[27]).toBe(1);
  expect(found[28]).toBe(1);
  expect(found.every(Number.isFinite)).toBe(true);
  expect(statistics({}, {}, 1).every(Number.isFinite)).toBe(true);
});
