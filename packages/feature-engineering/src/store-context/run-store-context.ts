import { batchFromRows, type RowOf, readTable, readWholeTable, type Upstream } from '@retail-sim/artifacts';
import {
  baskets,
  calendar,
  customerStoreAffinity,
  customers,
  stores,
} from '@retail-sim/data-pipeline/schemas';
import type { LayerContext, LayerResult } from '../layers.js';
import { readLabelPositions } from '../read-processed/read-labels.js';
import { streamProductPrices } from '../read-processed/stream-product-prices.js';
import { storeFeatures } from '../schemas/store-features.js';
import {
  type ChainFacts,
  OPERATIONAL_DIMENSIONS,
  operationalNumbers,
  type PrimaryCustomers,
  SCALED_DIMENSIONS,
  type ScaleBounds,
  type StoreFacts,
  scaleBounds,
  scaled,
} from './operational-context.js';
import { referenceStoreFeatures } from './reference-store-context.js';
import { ACTIVITY_COLUMNS, storeActivities } from './store-activity.js';
import { storeVector, UNKNOWN_LABEL } from './store-blocks.js';
import { storePriceSums } from './store-prices.js';

export type StoreRow = RowOf<typeof storeFeatures>;

/** A Herfindahl index above makes a customer very loyal. */
const VERY_LOYAL = 0.8;

/** Layer 5: reads baskets, prices and affinity of the fit window, writes one row a store. */
export async function runStoreContext(context: LayerContext): Promise<LayerResult> {
  const { stage, options, progress, pipeline } = context;
  const task = progress.task('layer 5, store context');
  if (options.mode === 'reference') {
    const rows = await referenceStoreFeatures(pipeline);
    await stage.table(storeFeatures, [batchFromRows(storeFeatures, rows)]);
    task.done();
    return { rows: rows.length, counts: {} };
  }
  const { list, chain } = await readStoreFacts(context);
  const numbers = list.map((store) => operationalNumbers(store, chain));
  const bounds = new Map<number, ScaleBounds>(
    SCALED_DIMENSIONS.map((dimension) => [
      dimension,
      scaleBounds(numbers.map((values) => values[dimension] ?? Number.NaN)),
    ]),
  );
  const rows = list.map((store, place) => {
    const operational = (numbers[place] ?? new Float64Array(0)).map((value, dimension) => {
      const bound = bounds.get(dimension);
      return bound === undefined ? value : scaled(value, bound);
    });
    return storeRow(options.seed, store, operational);
  });
  await stage.table(storeFeatures, [batchFromRows(storeFeatures, rows)]);
  task.done();
  return {
    rows: rows.length,
    counts: {
      formats: new Set(list.map(({ format }) => format)).size,
      regions: chain.regions.size,
      withoutPrimaryCustomers: list.filter(({ primary }) => primary.customers === 0).length,
    },
    fitted: {
      operationalBounds: Object.fromEntries(
        [...bounds].map(([dimension, { low, high, median }]) => [dimension, [low, median, high]]),
      ),
    },
  };
}

interface Store extends StoreFacts {
  readonly storeId: string;
  readonly format: string;
}

function storeRow(seed: number, store: Store, operational: Float64Array): StoreRow {
  const of = (dimension: number) => operational[dimension] ?? 0.5;
  return {
    store_id: store.storeId,
    format: store.format,
    region: store.region,
    total_baskets: store.activity.baskets,
    unique_customers: store.activity.customers,
    baskets_per_week_norm: of(OPERATIONAL_DIMENSIONS.basketsPerWeek),
    customers_per_week_norm: of(OPERATIONAL_DIMENSIONS.customersPerWeek),
    avg_spend_norm: of(OPERATIONAL_DIMENSIONS.spendPerBasket),
    tenure_weeks_norm: of(OPERATIONAL_DIMENSIONS.tenure),
    embedding: storeVector(seed, store, operational),
  };
}

/** Stores with a basket in the fit window, ascending by id, and what they are compared with. */
async function readStoreFacts({ pipeline, split, signal }: LayerContext) {
  const { fitThroughWeek } = split;
  const store = (await readWholeTable(pipeline.path(stores), stores)).columns;
  const storeIds = store.store_id;
  const known = (await readWholeTable(pipeline.path(customers), customers, { columns: ['customer_id'] }))
    .rows;
  const weekIdx = (await readWholeTable(pipeline.path(calendar), calendar, { columns: ['week_idx'] })).columns
    .week_idx;
  const weeks = weekIdx.reduce((last, idx) => Math.max(last, idx), 0);

  const activities = storeActivities(storeIds.length, known, weeks, await readLabelPositions(pipeline));
  for await (const batch of readTable(pipeline.path(baskets), baskets, { columns: ACTIVITY_COLUMNS })) {
    signal.throwIfAborted();
    activities.add(batch, fitThroughWeek);
  }
  const prices = storePriceSums(storeIds.length);
  const productIds = new Set<string>();
  for await (const product of streamProductPrices(pipeline, [...storeIds])) {
    signal.throwIfAborted();
    prices.add(product, fitThroughWeek);
    if (product.weekIdx.some((week) => week <= fitThroughWeek)) productIds.add(product.productId);
  }
  const { primaryOf, meanLoyalty, veryLoyalShare } = await readPrimaryCustomers(pipeline);

  const label = ({ data, valid }: { data: readonly string[]; valid: Uint8Array }, place: number) =>
    valid[place] === 1 ? (data[place] ?? UNKNOWN_LABEL) : UNKNOWN_LABEL;
  const all = storeIds.map(
    (storeId, place): Store => ({
      storeId,
      format: label(store.store_format, place),
      region: label(store.store_region, place),
      activity: activities.of(place),
      prices: prices.of(place),
      primary: primaryOf.get(storeId) ?? { customers: 0, loyaltySum: 0, veryLoyal: 0 },
    }),
  );
  const list = all.filter(({ activity }) => activity.baskets > 0);
  const chain: ChainFacts = {
    meanLoyalty,
    veryLoyalShare,
    products: productIds.size,
    regions: regionsOf(list),
    openWeeks: [...weekIdx].filter((week) => list.some(({ activity }) => (activity.byWeek[week] ?? 0) > 0)),
  };
  return { list, chain };
}

function regionsOf(list: readonly Store[]): ChainFacts['regions'] {
  const regions = new Map<string, { stores: number; baskets: number }>();
  for (const { region, activity } of list) {
    const known = regions.get(region) ?? { stores: 0, baskets: 0 };
    regions.set(region, { stores: known.stores + 1, baskets: known.baskets + activity.baskets });
  }
  return regions;
}

/** Loyalty of the customers by their primary store; NaN for nobody. */
async function readPrimaryCustomers(pipeline: Upstream) {
  const { columns, rows } = await readWholeTable(
    pipeline.path(customerStoreAffinity),
    customerStoreAffinity,
    {
      columns: ['primary_store', 'loyalty_score'],
    },
  );
  const primaryOf = new Map<string, PrimaryCustomers>();
  let sum = 0;
  let veryLoyal = 0;
  for (let row = 0; row < rows; row++) {
    const store = columns.primary_store.values[columns.primary_store.codes[row] ?? 0] ?? '';
    const loyalty = columns.loyalty_score[row] ?? 0;
    const before = primaryOf.get(store) ?? { customers: 0, loyaltySum: 0, veryLoyal: 0 };
    const isVeryLoyal = loyalty > VERY_LOYAL ? 1 : 0;
    primaryOf.set(store, {
      customers: before.customers + 1,
      loyaltySum: before.loyaltySum + loyalty,
      veryLoyal: before.veryLoyal + isVeryLoyal,
    });
    sum += loyalty;
    veryLoyal += isVeryLoyal;
  }
  return {
    primaryOf,
    meanLoyalty: rows === 0 ? 0.5 : sum / rows,
    veryLoyalShare: rows === 0 ? 0 : veryLoyal / rows,
  };
}
