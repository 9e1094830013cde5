// `--compat reference`: layer 4 as the reference computes it (spec section 3, layer 4): one vector a customer from all
// weeks, the last 20 trips by week and basket number, statistics that may be NaN.

import type { DuckDBConnection } from '@duckdb/node-api';
import { readWholeTable, type Upstream } from '@retail-sim/artifacts';
import { customerMissionPatterns, transactions } from '@retail-sim/data-pipeline/schemas';
import { mersenneTwister } from '@retail-sim/random';
import type { Engine } from '../engine/open-engine.js';
import type { LayerContext, LayerResult } from '../layers.js';
import { BASKET_LABELS, type BasketAttribute, readLabelPositions } from '../read-processed/read-labels.js';
import {
  CUSTOMER_EMBEDDING_SIZE,
  CUSTOMER_HISTORY_SIZE,
  CUSTOMER_STATISTICS_SIZE,
  customerEmbeddings,
  customerStates,
} from '../schemas/customer-states.js';
import {
  type HistoryWeights,
  historyEncoder,
  MAX_TRIPS,
  type ProductVectors,
  TRIP_LABEL_BLOCKS,
  TRIP_SIZE,
} from './history-encoder.js';
import { embeddingBatch, stateBatch, stateRows } from './state-rows.js';
import { AS_THE_REFERENCE, sortCustomerLines, streamCustomerTrips } from './stream-customer-trips.js';

const TABLE_SEED = 42;
const PROJECTION_SEED = 43;
const SCALE = 0.1;
const MAX_PRODUCTS = 50;
const COLD_START_TRIPS = 5;

/** Tables from one stream seeded 42, projection and attention from one seeded 43. */
export function referenceWeights(): HistoryWeights {
  const tables = mersenneTwister(TABLE_SEED);
  const draw = (attribute: BasketAttribute) =>
    Float64Array.from(
      { length: BASKET_LABELS[attribute].length * TRIP_LABEL_BLOCKS[attribute][1] },
      () => SCALE * tables.normal(),
    );
  const labels = {
    basket_type: draw('basket_type'),
    basket_dominant_mission: draw('basket_dominant_mission'),
    basket_price_sensitivity: draw('basket_price_sensitivity'),
    basket_size: draw('basket_size'),
  };
  const { normal } = mersenneTwister(PROJECTION_SEED);
  return {
    labels,
    projection: Float64Array.from({ length: TRIP_SIZE * CUSTOMER_HISTORY_SIZE }, () => SCALE * normal()),
    attention: Float64Array.from({ length: TRIP_SIZE }, () => SCALE * normal()),
    // CH-3: an unknown type becomes Top Up, an unknown focus Fresh, an unknown sensitivity MM, an unknown size M.
    unknown: { basket_type: 0, basket_dominant_mission: 0, basket_price_sensitivity: 1, basket_size: 1 },
  };
}

export interface ReferenceVector {
  /** `[160]`; NaN where a statistic is missing. */
  readonly embedding: Float64Array;
  readonly history: Float64Array;
  readonly statistics: Float64Array;
}

/** Shrinks the history by the capped count of trips and scales everything to norm 1. */
export function referenceVector(
  history: Float64Array,
  statistics: Float64Array,
  trips: number,
): ReferenceVector {
  const kept = Math.min(trips, MAX_TRIPS);
  const alpha = kept < COLD_START_TRIPS ? 0.8 : Math.max(0.2, 1 / Math.log(kept + 1));
  const embedding = new Float64Array(CUSTOMER_EMBEDDING_SIZE);
  embedding.set(history.map((value) => (1 - alpha) * value));
  embedding.set(statistics, CUSTOMER_HISTORY_SIZE);
  const norm = Math.sqrt(embedding.reduce((sum, value) => sum + value * value, 0));
  // A missing statistic makes the norm NaN, and the reference then leaves the vector as it is (CH-8).
  if (norm > 0) for (let k = 0; k < embedding.length; k++) embedding[k] = (embedding[k] ?? 0) / norm;
  return { embedding, history, statistics };
}

/** The statistics of the reference by customer id; customers without a pattern have 0.5 everywhere (CH-7). */
export async function referenceStatistics(pipeline: Upstream): Promise<(customerId: string) => Float64Array> {
  const { columns, rows } = await readWholeTable(
    pipeline.path(customerMissionPatterns),
    customerMissionPatterns,
  );
  const names = [
    'p_mission_top_up',
    'p_mission_full_shop',
    'p_mission_small_shop',
    'p_focus_fresh',
    'p_focus_grocery',
    'p_focus_mixed',
    'mean_price_sensitivity',
    'sensitivity_volatility',
    'mean_basket_size',
    'basket_size_variance',
    'mission_type_entropy',
    'focus_entropy',
    'mission_consistency',
  ] as const;
  const byCustomer = new Map<string, Float64Array>();
  for (let row = 0; row < rows; row++) {
    const statistics = new Float64Array(CUSTOMER_STATISTICS_SIZE);
    names.forEach((name, place) => {
      statistics[place] = columns[name][row] ?? Number.NaN;
    });
    byCustomer.set(columns.customer_id.values[columns.customer_id.codes[row] ?? 0] ?? '', statistics);
  }
  const missing = new Float64Array(CUSTOMER_STATISTICS_SIZE).fill(0.5);
  return (customerId) => byCustomer.get(customerId) ?? missing;
}

export interface ReferenceCustomer extends ReferenceVector {
  readonly customer: number;
  readonly trips: number;
}

/** Customers ascending, each with the vector of its last 20 trips. */
export async function* referenceCustomers(
  { pipeline }: Pick<LayerContext, 'pipeline'>,
  connection: DuckDBConnection,
  vectors: ProductVectors,
  customerIds: readonly string[],
): AsyncGenerator<ReferenceCustomer> {
  await sortCustomerLines(connection, pipeline.path(transactions), AS_THE_REFERENCE);
  const statisticsOf = await referenceStatistics(pipeline);
  const labels = await readLabelPositions(pipeline);
  const encoder = historyEncoder(referenceWeights(), vectors, MAX_PRODUCTS);
  for await (const trips of streamCustomerTrips(connection, labels, AS_THE_REFERENCE)) {
    const history = new Float64Array(CUSTOMER_HISTORY_SIZE);
    encoder.begin(trips);
    encoder.encode(trips.trips, history);
    const statistics = statisticsOf(customerIds[trips.customer] ?? '');
    yield {
      customer: trips.customer,
      trips: trips.trips,
      ...referenceVector(history, statistics, trips.trips),
    };
  }
}

/** Layer 4 in `reference` mode: both tables hold the same one row a customer. */
export async function referenceCustomerHistory(
  context: LayerContext,
  { connection }: Engine,
  vectors: ProductVectors,
  customerIds: readonly string[],
): Promise<LayerResult> {
  const { stage, progress } = context;
  const task = progress.task('layer 4, customer history', customerIds.length, 'customers');
  const filled = stateRows(customerIds.length);
  for await (const found of referenceCustomers(context, connection, vectors, customerIds)) {
    const at = filled.rows++;
    filled.customer[at] = found.customer;
    filled.trips[at] = found.trips;
    filled.embedding.set(found.embedding, at * CUSTOMER_EMBEDDING_SIZE);
    filled.history.set(found.history, at * CUSTOMER_HISTORY_SIZE);
    filled.statistics.set(found.statistics, at * CUSTOMER_STATISTICS_SIZE);
    task.advance(1);
  }
  await stage.table(customerStates, [stateBatch(filled, customerIds)]);
  await stage.table(customerEmbeddings, [embeddingBatch(filled, customerIds)]);
  task.done();
  return { rows: filled.rows, counts: { customers: filled.rows } };
}
