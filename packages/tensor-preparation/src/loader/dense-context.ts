// T1, T3, T5 and T6 of one basket from the tables: 400 numbers, all known before the trip.

import { DENSE_OFFSETS } from '../dimensions.js';
import { type CustomerContext, writeCustomerContext } from '../encoders/customer-context.js';
import { STORE_CONTEXT_SIZE } from '../encoders/store-context.js';
import { correctedTrip, writeTemporalContext } from '../encoders/temporal-context.js';
import {
  BASKET_SIZES,
  MISSION_FOCUSES,
  MISSION_TYPES,
  PRICE_SENSITIVITIES,
  TRIP_CONTEXT_SIZE,
  writeExpectedTrip,
  writeObservedTrip,
} from '../encoders/trip-context.js';
import type { TensorTables } from './tensor-columns.js';

/** Writes the dense context of a basket, `[400]`, at `offset`. */
export function writeDenseContext(
  tables: TensorTables,
  basketRow: number,
  out: Float32Array,
  offset: number,
): void {
  const { samples, stores } = tables;
  const storeRow = samples.storeRow(basketRow);
  writeCustomerContext({ out, offset: offset + DENSE_OFFSETS.t1 }, customerContext(tables, basketRow));
  const week = samples.week(basketRow);
  writeTemporalContext(
    { out, offset: offset + DENSE_OFFSETS.t3 },
    correctedTrip({
      shopWeek: tables.shopWeek(week),
      week,
      date: samples.date(basketRow),
      hour: samples.hour(basketRow),
      recencyDays: samples.recencyDays(basketRow),
    }),
  );
  const t5 = stores.t5.subarray(storeRow * STORE_CONTEXT_SIZE, (storeRow + 1) * STORE_CONTEXT_SIZE);
  out.set(t5, offset + DENSE_OFFSETS.t5);
  writeTripContext(tables, basketRow, out, offset + DENSE_OFFSETS.t6);
}

/** What T1 is a function of; `undefined` for an anonymous basket. */
export function customerContext(tables: TensorTables, basketRow: number): CustomerContext | undefined {
  const { samples, states, stores } = tables;
  const customerRow = samples.customerRow(basketRow);
  if (customerRow === 0) return undefined;
  const segments = {
    firstSegment: (tables.firstSegment[customerRow] ?? 0) - 1,
    secondSegment: (tables.secondSegment[customerRow] ?? 0) - 1,
  };
  const state = samples.stateRow(basketRow);
  if (state === 0) return { ...segments, trips: 0 };
  const primary = states.primaryStoreRow(state);
  return {
    ...segments,
    trips: states.trips(state),
    history: states.history(state),
    affinity: {
      loyalty: states.loyalty(state),
      switching: states.switching(state),
      regions: states.regions(state),
      primaryStore: stores.primaryStore.subarray(primary * 16, primary * 16 + 16),
    },
  };
}

function writeTripContext(tables: TensorTables, basketRow: number, out: Float32Array, offset: number): void {
  const { samples, states } = tables;
  if (tables.t6 === 'none') {
    out.fill(0, offset, offset + TRIP_CONTEXT_SIZE);
  } else if (tables.t6 === 'observed') {
    const name = (classes: readonly string[], label: number) => classes[label - 1] ?? 'XX';
    writeObservedTrip(
      { out, offset },
      {
        type: name(MISSION_TYPES, samples.labelType(basketRow)),
        focus: name(MISSION_FOCUSES, samples.labelFocus(basketRow)),
        sensitivity: name(PRICE_SENSITIVITIES, samples.labelSensitivity(basketRow)),
        size: name(BASKET_SIZES, samples.labelSize(basketRow)),
      },
    );
  } else {
    const state = samples.stateRow(basketRow);
    writeExpectedTrip({ out, offset }, state === 0 ? tables.trainShares : states.missionPrior(state));
  }
}
