// The vector of a customer: history and statistics, each of norm 1/sqrt 2 (spec section 3, layer 4; CH-5, CH-6).

import { CUSTOMER_HISTORY_SIZE, CUSTOMER_STATISTICS_SIZE } from '../schemas/customer-states.js';

const COLD_START_TRIPS = 5;
const COLD_START_WEIGHT = 0.8;
const LOWEST_WEIGHT = 0.2;

/** alpha: weight of the population in the history of a customer of so many trips. */
export function populationWeight(trips: number): number {
  if (trips < COLD_START_TRIPS) return COLD_START_WEIGHT;
  return Math.min(COLD_START_WEIGHT, Math.max(LOWEST_WEIGHT, 1 / Math.log(trips)));
}

/** Writes `[160]` to `out` from `offset`. A part of zeros stays zero. */
export function writeCustomerVector(
  out: Float32Array,
  offset: number,
  parts: {
    readonly history: Float64Array;
    readonly population: Float64Array;
    readonly statistics: Float64Array;
    readonly trips: number;
  },
): void {
  const alpha = populationWeight(parts.trips);
  const blended = parts.history.map((value, k) => (1 - alpha) * value + alpha * (parts.population[k] ?? 0));
  writeUnit(out, offset, blended, CUSTOMER_HISTORY_SIZE);
  writeUnit(out, offset + CUSTOMER_HISTORY_SIZE, parts.statistics, CUSTOMER_STATISTICS_SIZE);
}

function writeUnit(out: Float32Array, offset: number, values: Float64Array, length: number): void {
  let squares = 0;
  for (let k = 0; k < length; k++) squares += (values[k] ?? 0) ** 2;
  const scale = squares === 0 ? 0 : Math.SQRT1_2 / Math.sqrt(squares);
  for (let k = 0; k < length; k++) out[offset + k] = scale * (values[k] ?? 0);
}
