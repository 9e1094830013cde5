// What was known of each customer before each week it shopped: history of the features, affinity and mission counts of the
// pipeline, joined and sorted by (week, customer).

import { join } from 'node:path';
import {
  customerMissionPatternsWeekly,
  customerStoreAffinityWeekly,
} from '@retail-sim/data-pipeline/schemas';
import { InputError } from '@retail-sim/errors';
import {
  CUSTOMER_HISTORY_SIZE,
  CUSTOMER_STATISTICS_SIZE,
  customerStates,
} from '@retail-sim/feature-engineering/schemas';
import { HISTORY_SIZE, historySlice } from '../encoders/customer-context.js';
import { TRIP_SHARES_SIZE, tripShares } from '../encoders/trip-context.js';
import { dictionaryRows } from './dictionary-rows.js';
import { tableCursor } from './table-cursor.js';
import type { UpstreamArtifacts } from './upstream.js';
import { weekPartitions } from './week-partitions.js';

/** customer u32, trips u32, loyalty, switching, regions f32, store u16, 2 bytes of padding, 15 shares, 96 of history. */
const SHARES_OFFSET = 24;
const HISTORY_OFFSET = SHARES_OFFSET + 4 * TRIP_SHARES_SIZE;
const RECORD_BYTES = HISTORY_OFFSET + 4 * HISTORY_SIZE;

/** Mission counts in the order of T6; `General` is never counted. */
const MISSION_COUNTS = [
  'n_mission_top_up',
  'n_mission_full_shop',
  'n_mission_small_shop',
  'n_mission_emergency',
  'n_focus_fresh',
  'n_focus_grocery',
  'n_focus_mixed',
  'n_focus_nonfood',
  undefined,
  'n_sens_la',
  'n_sens_mm',
  'n_sens_um',
  'n_size_s',
  'n_size_m',
  'n_size_l',
] as const;

export interface WeekStates {
  readonly rows: number;
  readonly customerRow: Uint32Array;
  readonly trips: Uint32Array;
  readonly loyalty: Float32Array;
  readonly switching: Float32Array;
  readonly regions: Float32Array;
  readonly primaryStoreRow: Uint16Array;
  /** `[rows, 15]`. */
  readonly missionPrior: Float32Array;
  /** `[rows, 96]`. */
  readonly history: Float32Array;
}

export interface StatePartitions extends Disposable {
  weeks(): number[];
  /** States before a week, ascending by customer. */
  read(week: number): WeekStates;
  /** States of the pipeline for which the features have no history. */
  readonly withoutHistory: number;
}

/** Streams the three tables once, side by side: all are ascending by customer, then week. */
export async function partitionStates(
  { pipeline, features }: UpstreamArtifacts,
  {
    customerRows,
    storeRows,
    trainShares,
    lastWeek,
  }: {
    readonly customerRows: ReadonlyMap<string, number>;
    readonly storeRows: ReadonlyMap<string, number>;
    readonly trainShares: ArrayLike<number>;
    /** The last week with baskets; later states exist for inference only. */
    readonly lastWeek: number;
  },
  scratchFolder: string,
): Promise<StatePartitions> {
  const affinityPath = pipeline.path(customerStoreAffinityWeekly);
  const affinity = await tableCursor(affinityPath, customerStoreAffinityWeekly, [
    'customer',
    'week_idx',
    'primary_store',
    'loyalty_score',
    'switching_rate',
    'region_diversity',
    'n_trips',
  ]);
  const counted = MISSION_COUNTS.filter((name) => name !== undefined);
  const missions = await tableCursor(
    pipeline.path(customerMissionPatternsWeekly),
    customerMissionPatternsWeekly,
    ['customer', 'week_idx', ...counted],
  );
  const statePath = features.path(customerStates);
  const history = await tableCursor(statePath, customerStates, [
    'customer_id',
    'week_idx',
    'history',
    'statistics',
  ]);
  const customerOf = dictionaryRows(customerRows);
  const storeOf = dictionaryRows(storeRows);
  const partitions = weekPartitions(join(scratchFolder, 'states.scratch'), RECORD_BYTES);
  const counts = new Float64Array(TRIP_SHARES_SIZE);
  const layer4 = new Float32Array(CUSTOMER_HISTORY_SIZE + CUSTOMER_STATISTICS_SIZE);
  let withoutHistory = 0;

  try {
    while (affinity.live) {
      const { columns, row } = affinity;
      const customerRow = (columns.customer[row] ?? 0) + 1;
      const week = columns.week_idx[row] ?? 0;
      if (
        !missions.live ||
        missions.columns.customer[missions.row] !== columns.customer[row] ||
        missions.columns.week_idx[missions.row] !== week
      ) {
        throw new InputError({
          what: `and ${customerMissionPatternsWeekly.file} do not hold the same customers and weeks`,
          where: { file: affinityPath },
          remedy: 'run retail-data-pipeline again',
        });
      }
      const { view, offset } = partitions.place(week);
      view.setUint32(offset, customerRow, true);
      view.setUint32(offset + 4, columns.n_trips[row] ?? 0, true);
      view.setFloat32(offset + 8, columns.loyalty_score[row] ?? 0, true);
      view.setFloat32(offset + 12, columns.switching_rate[row] ?? 0, true);
      view.setFloat32(offset + 16, columns.region_diversity.data[row] ?? 0, true);
      view.setUint16(offset + 20, storeOf(columns.primary_store, row) ?? 0, true);
      const mission = missions.columns;
      for (const [place, name] of MISSION_COUNTS.entries()) {
        counts[place] = name === undefined ? 0 : (mission[name][missions.row] ?? 0);
      }
      for (const [place, share] of tripShares(counts, trainShares).entries()) {
        view.setFloat32(offset + SHARES_OFFSET + 4 * place, share, true);
      }
      if (await seekHistory(customerRow, week)) {
        const { history: past, statistics } = history.columns;
        const at = history.row;
        layer4.set(past.subarray(at * CUSTOMER_HISTORY_SIZE, (at + 1) * CUSTOMER_HISTORY_SIZE));
        layer4.set(
          statistics.subarray(at * CUSTOMER_STATISTICS_SIZE, (at + 1) * CUSTOMER_STATISTICS_SIZE),
          CUSTOMER_HISTORY_SIZE,
        );
        const kept = historySlice(layer4);
        for (let i = 0; i < HISTORY_SIZE; i++) {
          view.setFloat32(offset + HISTORY_OFFSET + 4 * i, kept[i] ?? 0, true);
        }
      } else {
        new Uint8Array(view.buffer, offset + HISTORY_OFFSET, 4 * HISTORY_SIZE).fill(0);
        if (week <= lastWeek) withoutHistory++;
      }
      if (!affinity.step()) await affinity.load();
      if (!missions.step()) await missions.load();
    }
  } catch (error) {
    partitions[Symbol.dispose]();
    throw error;
  }
  return {
    weeks: partitions.weeks,
    read: (week) => readStates(partitions.read(week)),
    withoutHistory,
    [Symbol.dispose]: partitions[Symbol.dispose],
  };

  /** Moves the features' cursor to a customer and week; false when they have none. */
  async function seekHistory(customerRow: number, week: number): Promise<boolean> {
    while (history.live) {
      const { columns, row } = history;
      const theirs = customerOf(columns.customer_id, row);
      if (theirs === undefined) {
        throw new InputError({
          what: 'has a customer that the data pipeline does not know',
          where: { file: statePath, column: 'customer_id' },
          remedy: 'run retail-feature-engineering again, then this command',
        });
      }
      const order = theirs - customerRow || (columns.week_idx[row] ?? 0) - week;
      if (order === 0) return true;
      if (order > 0) return false;
      if (!history.step()) await history.load();
    }
    return false;
  }
}

function readStates({ view, records }: { readonly view: DataView; readonly records: number }): WeekStates {
  const states: WeekStates = {
    rows: records,
    customerRow: new Uint32Array(records),
    trips: new Uint32Array(records),
    loyalty: new Float32Array(records),
    switching: new Float32Array(records),
    regions: new Float32Array(records),
    primaryStoreRow: new Uint16Array(records),
    missionPrior: new Float32Array(records * TRIP_SHARES_SIZE),
    history: new Float32Array(records * HISTORY_SIZE),
  };
  for (let record = 0; record < records; record++) {
    const offset = record * RECORD_BYTES;
    states.customerRow[record] = view.getUint32(offset, true);
    states.trips[record] = view.getUint32(offset + 4, true);
    states.loyalty[record] = view.getFloat32(offset + 8, true);
    states.switching[record] = view.getFloat32(offset + 12, true);
    states.regions[record] = view.getFloat32(offset + 16, true);
    states.primaryStoreRow[record] = view.getUint16(offset + 20, true);
    for (let i = 0; i < TRIP_SHARES_SIZE; i++) {
      states.missionPrior[record * TRIP_SHARES_SIZE + i] = view.getFloat32(
        offset + SHARES_OFFSET + 4 * i,
        true,
      );
    }
    for (let i = 0; i < HISTORY_SIZE; i++) {
      states.history[record * HISTORY_SIZE + i] = view.getFloat32(offset + HISTORY_OFFSET + 4 * i, true);
    }
  }
  return states;
}
