import type { DuckDBConnection } from '@duckdb/node-api';
import { affinityRow } from '../customer-store-affinity/affinity-row.js';
import {
  type AffinityContext,
  addVisit,
  affinityOf,
  emptyAffinity,
  POPULATION_MIN_VISITS,
} from '../customer-store-affinity/affinity-state.js';
import type { TableRows } from '../engine/table-rows.js';
import { missionRow } from '../mission-patterns/mission-row.js';
import {
  addTrip,
  emptyMission,
  type LabelPositions,
  type MissionPattern,
  type MissionPopulation,
  type MissionState,
  missionPattern,
  missionPopulation,
} from '../mission-patterns/mission-state.js';
import { type CustomerVisits, statePoints, visitsThrough } from './customer-visits.js';
import { streamCustomers } from './stream-customers.js';

/** Customers between two hand-overs of rows to the engine. */
const DRAIN_CUSTOMERS = 256;

export interface WalkOptions {
  readonly connection: DuckDBConnection;
  /** baskets.parquet */
  readonly baskets: string;
  readonly fitThroughWeek: number;
  /** Last week with data. */
  readonly lastWeek: number;
  readonly compat: boolean;
  readonly onVisits?: (visits: number) => void;
}

/** Stage 3 (spec section 2 §3 and §4.1): both tables in one walk over the customers. */
export interface AffinityWalk extends WalkOptions {
  readonly context: AffinityContext;
  readonly whole: TableRows;
  /** As-of states; left out with --compat reference. */
  readonly weekly: TableRows | undefined;
}

export async function walkAffinity(options: AffinityWalk): Promise<{ readonly populationLoyalty: number }> {
  const { context, whole, weekly, fitThroughWeek, lastWeek, compat } = options;
  const populationLoyalty = await meanLoyalty(options);
  await eachCustomer(options, [whole, weekly], (visits) => {
    const fitted = visitsThrough(visits, fitThroughWeek);
    const points = weekly === undefined ? [] : statePoints(visits, lastWeek);
    const state = emptyAffinity();
    let point = 0;
    for (let visit = 0; visit <= visits.visits; visit += 1) {
      for (; points[point]?.visits === visit; point += 1) {
        const row = affinityRow(affinityOf(state, compat), populationLoyalty);
        weekly?.add([visits.customer, visits.customer, points[point]?.beforeWeek ?? 0, ...row]);
      }
      if (visit === fitted && fitted > 0) {
        whole.add([visits.customer, ...affinityRow(affinityOf(state, compat), populationLoyalty)]);
      }
      if (visit < visits.visits) addVisit(state, visits, visit, context);
    }
  });
  return { populationLoyalty };
}

/** Mean Herfindahl index of the customers with at least five visits in the fit window; 1 where there are none. */
async function meanLoyalty({
  connection,
  baskets,
  fitThroughWeek,
  compat,
  context,
}: AffinityWalk): Promise<number> {
  let sum = 0;
  let customers = 0;
  for await (const visits of streamCustomers(connection, baskets)) {
    const fitted = visitsThrough(visits, fitThroughWeek);
    if (fitted < POPULATION_MIN_VISITS) continue;
    const state = emptyAffinity();
    for (let visit = 0; visit < fitted; visit += 1) addVisit(state, visits, visit, context);
    sum += affinityOf(state, compat).loyaltyScore;
    customers += 1;
  }
  return customers === 0 ? 1 : sum / customers;
}

/** Stage 4 (spec section 2 §4 and §4.1). */
export interface MissionWalk extends WalkOptions {
  readonly positions: LabelPositions;
  readonly minTrips: number;
  readonly whole: TableRows;
  readonly weekly: TableRows | undefined;
}

export async function walkMissions(
  options: MissionWalk,
): Promise<{ readonly population: MissionPopulation }> {
  const { whole, weekly, fitThroughWeek, lastWeek, compat, positions, minTrips } = options;
  const population = missionPopulation(await populationCounts(options), compat);
  const kept: {
    readonly customer: number;
    readonly pattern: MissionPattern;
    readonly state: MissionState;
  }[] = [];
  await eachCustomer(options, [whole, weekly], (visits) => {
    const fitted = visitsThrough(visits, fitThroughWeek);
    const points = weekly === undefined ? [] : statePoints(visits, lastWeek);
    const state = emptyMission();
    let point = 0;
    for (let visit = 0; visit <= visits.visits; visit += 1) {
      for (; points[point]?.visits === visit; point += 1) {
        const row = missionRow(missionPattern(state, population, compat), state, population, minTrips);
        weekly?.add([visits.customer, visits.customer, points[point]?.beforeWeek ?? 0, ...row]);
      }
      if (visit === fitted && fitted > 0) {
        const pattern = missionPattern(state, population, compat);
        // The reference drops customers with few trips, and scales by the largest spread of those it keeps.
        if (!compat) whole.add([visits.customer, ...missionRow(pattern, state, population, minTrips)]);
        else if (fitted >= minTrips) kept.push({ customer: visits.customer, pattern, state });
      }
      if (visit < visits.visits) addTrip(state, visits, visit, positions);
    }
  });
  for (const { customer, pattern, state } of referenceConsistency(kept)) {
    whole.add([customer, ...missionRow(pattern, state, population, minTrips)]);
  }
  return { population };
}

async function populationCounts({
  connection,
  baskets,
  fitThroughWeek,
  positions,
}: MissionWalk): Promise<MissionState> {
  const total = emptyMission();
  for await (const visits of streamCustomers(connection, baskets)) {
    const fitted = visitsThrough(visits, fitThroughWeek);
    for (let visit = 0; visit < fitted; visit += 1) addTrip(total, visits, visit, positions);
  }
  return total;
}

/** Spec section 2 §4: denominators are the largest spreads of the customers in the table, plus 1e-6 (MP-4). */
function referenceConsistency<
  T extends { readonly customer: number; readonly pattern: MissionPattern; readonly state: MissionState },
>(kept: readonly T[]) {
  const largest = (value: (pattern: MissionPattern) => number) =>
    kept.reduce((max, { pattern }) => Math.max(max, value(pattern)), 0) + 1e-6;
  const type = largest(({ typeEntropy }) => typeEntropy);
  const focus = largest(({ focusEntropy }) => focusEntropy);
  const sensitivity = largest(({ sensitivityStd }) => sensitivityStd);
  const size = largest(({ sizeVariance }) => sizeVariance);
  return kept.map(({ customer, pattern, state }) => {
    const spread =
      pattern.typeEntropy / type +
      pattern.focusEntropy / focus +
      pattern.sensitivityStd / sensitivity +
      pattern.sizeVariance / size;
    return { customer, state, pattern: { ...pattern, consistency: 1 - spread / 4 } };
  });
}

async function eachCustomer(
  { connection, baskets, onVisits }: WalkOptions,
  tables: readonly (TableRows | undefined)[],
  visit: (visits: CustomerVisits) => void,
): Promise<void> {
  let customers = 0;
  for await (const visits of streamCustomers(connection, baskets)) {
    visit(visits);
    onVisits?.(visits.visits);
    customers += 1;
    if (customers % DRAIN_CUSTOMERS === 0) for (const table of tables) await table?.drain();
  }
}
