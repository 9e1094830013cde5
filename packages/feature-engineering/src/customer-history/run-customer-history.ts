import { type BatchOf, readWholeTable, type Upstream } from '@retail-sim/artifacts';
import { calendar, customers, products, transactions } from '@retail-sim/data-pipeline/schemas';
import { InputError } from '@retail-sim/errors';
import { openEngine } from '../engine/open-engine.js';
import type { LayerContext, LayerResult } from '../layers.js';
import { readLabelPositions } from '../read-processed/read-labels.js';
import {
  CUSTOMER_EMBEDDING_SIZE,
  CUSTOMER_HISTORY_SIZE,
  CUSTOMER_STATISTICS_SIZE,
  customerEmbeddings,
  customerStates,
} from '../schemas/customer-states.js';
import { productEmbeddings } from '../schemas/product-embeddings.js';
import { type AsOfRow, streamFitRows, streamWeeklyRows } from './as-of-rows.js';
import { customerStatistics } from './customer-statistics.js';
import { writeCustomerVector } from './customer-vector.js';
import { customerWalk } from './customer-walk.js';
import {
  type HistoryEncoder,
  historyEncoder,
  historyWeights,
  type ProductVectors,
} from './history-encoder.js';
import { type PopulationHistory, populationHistory } from './population-history.js';
import { referenceCustomerHistory } from './reference-customer-history.js';
import { embeddingBatch, type StateRows, stateBatch, stateRows } from './state-rows.js';
import {
  type CustomerTrips,
  IN_TIME,
  sortCustomerLines,
  streamCustomerTrips,
} from './stream-customer-trips.js';

/** Rows of a batch: about 10 MiB. */
const BATCH_ROWS = 8192;
/** What the engine may hold while it sorts the lines. */
const ENGINE_MEMORY = '1GB';

/** Layer 4: walks the trips of every customer in time order, writes what was known before each week. */
export async function runCustomerHistory(context: LayerContext): Promise<LayerResult> {
  const { pipeline, options, stage, progress } = context;
  const customer = (await readWholeTable(pipeline.path(customers), customers)).columns;
  const vectors = await readProductVectors(context);
  await using engine = await openEngine({
    folder: stage.folder,
    threads: options.threads,
    memoryLimit: ENGINE_MEMORY,
  });
  if (options.mode === 'reference') {
    // Awaited here: the engine closes when this function returns.
    return await referenceCustomerHistory(context, engine, vectors, customer.customer_id);
  }
  const task = progress.task('layer 4, customer history', 2 * customer.customer_id.length, 'customers');
  await sortCustomerLines(engine.connection, pipeline.path(transactions), IN_TIME);
  const labels = await readLabelPositions(pipeline);
  const encoder = historyEncoder(historyWeights(options.seed), vectors);
  const trips = () => streamCustomerTrips(engine.connection, labels, IN_TIME);
  const rows = await engine.connect();
  const segments = customer.customer_id.map((_, place) => {
    const isKnown = customer.seg_1.valid[place] === 1 && customer.seg_2.valid[place] === 1;
    return isKnown ? `${customer.seg_1.data[place]} ${customer.seg_2.data[place]}` : undefined;
  });

  const fit = await fitHistories(
    context,
    { trips: trips(), rows: streamFitRows(rows, pipeline) },
    encoder,
    () => task.advance(1),
  );
  const population = populationOf(fit, segments);
  writeVectors(fit, population, segments);
  await stage.table(customerEmbeddings, [embeddingBatch(fit, customer.customer_id)]);

  const shopWeeks = await readShopWeeks(pipeline);
  const batches = weeklyStates(
    context,
    { trips: trips(), rows: streamWeeklyRows(rows, pipeline) },
    { encoder, population, segments, shopWeeks, customerIds: customer.customer_id },
    () => task.advance(1),
  );
  const written = await stage.table(customerStates, batches);
  task.done();
  return {
    rows: written.rows,
    counts: {
      customers: customer.customer_id.length,
      customersOfFitWindow: fit.rows,
      coldStarts: fit.trips.subarray(0, fit.rows).filter((count) => count < 5).length,
    },
  };
}

interface CustomerSources {
  readonly trips: AsyncGenerator<CustomerTrips>;
  readonly rows: AsyncGenerator<AsOfRow>;
}

/** The state of every customer at the end of the fit window, from its trips up to there. */
async function fitHistories(
  { split, signal }: LayerContext,
  { trips, rows }: CustomerSources,
  encoder: HistoryEncoder,
  advance: () => void,
): Promise<StateRows> {
  const history = new Float64Array(CUSTOMER_HISTORY_SIZE);
  const statistics = new Float64Array(CUSTOMER_STATISTICS_SIZE);
  let filled = stateRows(BATCH_ROWS);
  const walk = customerWalk(trips, encoder);
  for await (const row of rows) {
    signal.throwIfAborted();
    const known = await walk.tripsBefore(row.customer, split.fitThroughWeek + 1);
    encoder.encode(known, history);
    customerStatistics(row.missions, row.affinity, split.fitThroughWeek + 1, statistics);
    if (filled.rows === filled.capacity) filled = grown(filled);
    const at = filled.rows++;
    filled.customer[at] = row.customer;
    filled.trips[at] = known;
    filled.history.set(history, at * CUSTOMER_HISTORY_SIZE);
    filled.statistics.set(statistics, at * CUSTOMER_STATISTICS_SIZE);
    advance();
  }
  await trips.return(undefined);
  return filled;
}

function grown(filled: StateRows): StateRows {
  const larger = stateRows(2 * filled.capacity);
  larger.rows = filled.rows;
  larger.customer.set(filled.customer);
  larger.trips.set(filled.trips);
  larger.history.set(filled.history);
  larger.statistics.set(filled.statistics);
  return larger;
}

type Segments = readonly (string | undefined)[];

/** Mean histories of the fit window. */
function populationOf({ rows, customer, history }: StateRows, segments: Segments): PopulationHistory {
  const population = populationHistory();
  for (let row = 0; row < rows; row++) {
    const own = history.subarray(row * CUSTOMER_HISTORY_SIZE, (row + 1) * CUSTOMER_HISTORY_SIZE);
    population.add(segments[customer[row] ?? 0], Float64Array.from(own));
  }
  return population;
}

/** Fills in the vectors of states whose histories and statistics are there. */
function writeVectors(filled: StateRows, population: PopulationHistory, segments: Segments): void {
  for (let row = 0; row < filled.rows; row++) {
    const { history, statistics } = filled;
    writeCustomerVector(filled.embedding, row * CUSTOMER_EMBEDDING_SIZE, {
      history: Float64Array.from(
        history.subarray(row * CUSTOMER_HISTORY_SIZE, (row + 1) * CUSTOMER_HISTORY_SIZE),
      ),
      population: population.of(segments[filled.customer[row] ?? 0]),
      statistics: Float64Array.from(
        statistics.subarray(row * CUSTOMER_STATISTICS_SIZE, (row + 1) * CUSTOMER_STATISTICS_SIZE),
      ),
      trips: filled.trips[row] ?? 0,
    });
  }
}

interface StateParts {
  readonly encoder: HistoryEncoder;
  readonly population: PopulationHistory;
  readonly segments: Segments;
  /** YYYYWW of a calendar week. */
  readonly shopWeeks: (weekIdx: number) => number;
  readonly customerIds: readonly string[];
}

/** States ascending by customer, then week: trips of earlier weeks only. */
async function* weeklyStates(
  { signal }: LayerContext,
  { trips, rows }: CustomerSources,
  { encoder, population, segments, shopWeeks, customerIds }: StateParts,
  advance: () => void,
): AsyncGenerator<BatchOf<typeof customerStates>> {
  const history = new Float64Array(CUSTOMER_HISTORY_SIZE);
  const statistics = new Float64Array(CUSTOMER_STATISTICS_SIZE);
  const walk = customerWalk(trips, encoder);
  let filled = stateRows(BATCH_ROWS);
  let last = -1;
  for await (const row of rows) {
    const week = row.week ?? 0;
    if (row.customer !== last) {
      signal.throwIfAborted();
      last = row.customer;
      advance();
    }
    const known = await walk.tripsBefore(row.customer, week);
    encoder.encode(known, history);
    customerStatistics(row.missions, row.affinity, week, statistics);
    if (filled.rows === filled.capacity) {
      writeVectors(filled, population, segments);
      yield stateBatch(filled, customerIds);
      filled = stateRows(BATCH_ROWS);
    }
    const at = filled.rows++;
    filled.customer[at] = row.customer;
    filled.week[at] = shopWeeks(week);
    filled.weekIdx[at] = week;
    filled.trips[at] = known;
    filled.history.set(history, at * CUSTOMER_HISTORY_SIZE);
    filled.statistics.set(statistics, at * CUSTOMER_STATISTICS_SIZE);
  }
  await trips.return(undefined);
  if (filled.rows > 0) {
    writeVectors(filled, population, segments);
    yield stateBatch(filled, customerIds);
  }
}

/** Layer 3's vectors in the order of `products.parquet`. */
async function readProductVectors({ pipeline, path }: LayerContext): Promise<ProductVectors> {
  const ids = (await readWholeTable(pipeline.path(products), products, { columns: ['product_id'] })).columns
    .product_id;
  const file = path(productEmbeddings);
  const { columns } = await readWholeTable(file, productEmbeddings);
  const foreign = ids.findIndex((id, place) => columns.product_id[place] !== id);
  if (columns.product_id.length !== ids.length || foreign >= 0) {
    throw new InputError({
      what: `holds other products than ${pipeline.path(products)}`,
      where: { file },
      remedy: 'run layer 3 again: --layers 3,4',
    });
  }
  const none = columns.source.values.indexOf('none');
  return {
    vectors: columns.embedding,
    known: Uint8Array.from(columns.source.codes, (code) => (code === none ? 0 : 1)),
  };
}

/** YYYYWW of calendar positions; the week behind the calendar is counted on. */
async function readShopWeeks(pipeline: Upstream): Promise<(weekIdx: number) => number> {
  const { columns } = await readWholeTable(pipeline.path(calendar), calendar, {
    columns: ['week', 'week_idx'],
  });
  const weeks = new Map(Array.from(columns.week_idx, (idx, row) => [idx, columns.week[row] ?? 0]));
  return (weekIdx) => {
    const known = weeks.get(weekIdx);
    if (known !== undefined) return known;
    const before = weeks.get(weekIdx - 1) ?? 0;
    return before % 100 >= 52 ? (Math.floor(before / 100) + 1) * 100 + 1 : before + 1;
  };
}
