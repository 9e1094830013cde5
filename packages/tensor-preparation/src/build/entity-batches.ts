// Batches of the price, state and pair tables, in the form that the writers take.

import type { BatchOf } from '@retail-sim/artifacts';
import type { customerStateEntities, priceEntities } from '../schemas/entities.js';
import type { trainPairs } from '../schemas/samples.js';
import { growingArray } from './growing-array.js';
import type { WeekPrices } from './partition-prices.js';
import type { WeekStates } from './partition-states.js';

export function priceBatch(week: number, prices: WeekPrices): BatchOf<typeof priceEntities> {
  return {
    rows: prices.rows,
    columns: {
      product_row: prices.productRow,
      store_row: prices.storeRow,
      week: new Uint16Array(prices.rows).fill(week),
      actual: prices.actual,
      base: prices.base,
      category_avg: prices.category,
      prior: prices.prior,
      prior_source: prices.priorSource,
    },
  };
}

/** Row 0 of the price table. */
export function noPrice(): BatchOf<typeof priceEntities> {
  return priceBatch(0, {
    rows: 1,
    productRow: new Uint16Array(1),
    storeRow: new Uint16Array(1),
    actual: new Float32Array(1),
    base: new Float32Array(1),
    category: new Float32Array(1),
    prior: new Float32Array(1),
    priorSource: new Uint8Array(1),
    storeStarts: new Uint32Array(1),
  });
}

export function stateBatch(week: number, states: WeekStates): BatchOf<typeof customerStateEntities> {
  return {
    rows: states.rows,
    columns: {
      customer_row: states.customerRow,
      week: new Uint16Array(states.rows).fill(week),
      n_trips: states.trips,
      history: states.history,
      loyalty: states.loyalty,
      switching: states.switching,
      region_diversity: states.regions,
      primary_store_row: states.primaryStoreRow,
      mission_prior: states.missionPrior,
    },
  };
}

/** Row 0 of the state table. */
export function noState(): BatchOf<typeof customerStateEntities> {
  return stateBatch(0, {
    rows: 1,
    customerRow: new Uint32Array(1),
    trips: new Uint32Array(1),
    loyalty: new Float32Array(1),
    switching: new Float32Array(1),
    regions: new Float32Array(1),
    primaryStoreRow: new Uint16Array(1),
    missionPrior: new Float32Array(15),
    history: new Float32Array(96),
  });
}

/** Rows of a pair table on their way to disk. */
export function pairBuffer() {
  const inputRow = growingArray(Uint32Array);
  const targetRow = growingArray(Uint32Array);
  const weekGap = growingArray(Uint16Array);
  const dayGap = growingArray(Uint16Array);
  const history = growingArray(Uint32Array);
  const flags = growingArray(Uint16Array);
  return {
    get rows() {
      return inputRow.length;
    },
    add(
      input: number,
      target: number,
      weeks: number,
      days: number,
      earlier: number,
      targetFlags: number,
    ): void {
      inputRow.push(input);
      targetRow.push(target);
      weekGap.push(weeks);
      dayGap.push(days);
      history.push(earlier);
      flags.push(targetFlags);
    },
    take(): BatchOf<typeof trainPairs> {
      const rows = inputRow.length;
      return {
        rows,
        columns: {
          input_row: inputRow.take(),
          target_row: targetRow.take(),
          week_gap: weekGap.take(),
          day_gap: dayGap.take(),
          n_history: history.take(),
          flags: flags.take(),
        },
      };
    },
  };
}
