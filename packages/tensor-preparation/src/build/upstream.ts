// What this stage reads: the pipeline's baskets and prices, the features fitted on the same cut-off.

import { join } from 'node:path';
import { readWholeTable, type TableDefinition, type Upstream, verifyUpstream } from '@retail-sim/artifacts';
import {
  baskets,
  calendar,
  checkRowLimit,
  customerMissionPatternsWeekly,
  customerStoreAffinityWeekly,
  customers,
  labels,
  priceFallbacksP,
  products,
  readSplit,
  SPLIT_FILE,
  type Split,
  stores,
  transactions,
} from '@retail-sim/data-pipeline/schemas';
import { InputError } from '@retail-sim/errors';
import {
  customerStates,
  priceFeatures,
  productEmbeddings,
  storeFeatures,
} from '@retail-sim/feature-engineering/schemas';

export interface UpstreamFolders {
  readonly processed: string;
  readonly features: string;
  /** What the user asked for; left out, the pipeline's choice is taken over. */
  readonly split?: string;
  readonly nrows?: number;
}

const PIPELINE_COMMAND = 'retail-data-pipeline';
const FEATURES_COMMAND = 'retail-feature-engineering';

const PIPELINE_TABLES: readonly TableDefinition[] = [
  baskets,
  transactions,
  products,
  stores,
  customers,
  labels,
  calendar,
  priceFallbacksP,
  customerStoreAffinityWeekly,
  customerMissionPatternsWeekly,
];
const FEATURE_TABLES: readonly TableDefinition[] = [
  customerStates,
  priceFeatures,
  productEmbeddings,
  storeFeatures,
];

/** Both upstream folders, checked, and the split that they were fitted for. */
export interface UpstreamArtifacts {
  readonly pipeline: Upstream;
  readonly features: Upstream;
  readonly split: Split;
}

/**
 * Opens the upstream folders.
 *
 * @throws InputError when a stage has not run, is out of date, was run in reference mode, or on another split
 */
export async function openUpstream({
  processed,
  features,
  split,
  nrows,
}: UpstreamFolders): Promise<UpstreamArtifacts> {
  const asked = split === undefined ? {} : { split };
  const pipeline = await verifyUpstream(processed, {
    command: PIPELINE_COMMAND,
    tables: PIPELINE_TABLES,
    files: [SPLIT_FILE],
    mode: 'corrected',
    ...asked,
  });
  checkRowLimit(pipeline, nrows, (rows) => `${PIPELINE_COMMAND} --nrows ${rows} and ${FEATURES_COMMAND}`);
  const decided = await readSplit(processed);
  const engineered = await verifyUpstream(features, {
    command: FEATURES_COMMAND,
    tables: FEATURE_TABLES,
    mode: 'corrected',
  });
  checkCutOff(engineered, decided);
  return { pipeline, features: engineered, split: decided };
}

/** A feature that has seen a week after train would tell the model about the weeks that it is judged on. */
function checkCutOff({ folder, manifest }: Upstream, { fitThroughShopWeek, rule }: Split): void {
  if (manifest.fitThroughWeek === fitThroughShopWeek) return;
  throw new InputError({
    what: `was fitted through week ${manifest.fitThroughWeek ?? 'all weeks'}; the split ${rule} of the data pipeline ends its train weeks at ${fitThroughShopWeek}`,
    where: { file: join(folder, 'manifest.json') },
    remedy: `run ${FEATURES_COMMAND} again, then this command`,
  });
}

/** Products in token order, stores and customers in row order (row = place + 1), labels and calendar. */
export async function readDictionaries({ pipeline }: UpstreamArtifacts) {
  const [product, store, customer, label, week] = await Promise.all([
    readWholeTable(pipeline.path(products), products),
    readWholeTable(pipeline.path(stores), stores),
    readWholeTable(pipeline.path(customers), customers),
    readWholeTable(pipeline.path(labels), labels),
    readWholeTable(pipeline.path(calendar), calendar),
  ]);
  return {
    products: product.columns,
    stores: store.columns,
    customers: customer.columns,
    labels: label.columns,
    calendar: week.columns,
  };
}

export type Dictionaries = Awaited<ReturnType<typeof readDictionaries>>;

/** Product embeddings `[products, 256]` in token order. */
export async function readProductEmbeddings(
  { features, pipeline }: UpstreamArtifacts,
  productIds: readonly string[],
): Promise<Float32Array> {
  const path = features.path(productEmbeddings);
  const { columns } = await readWholeTable(path, productEmbeddings, { columns: ['product_id', 'embedding'] });
  const foreign = firstDifference(columns.product_id, productIds);
  if (foreign !== undefined) {
    throw new InputError({
      what: `holds another vocabulary than ${pipeline.path(products)}: ${foreign}`,
      where: { file: path },
      remedy: `run ${FEATURES_COMMAND} again, then this command`,
    });
  }
  const wrong = columns.embedding.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    throw new InputError({
      what: 'an embedding holds a value that is not finite',
      where: { file: path, line: Math.floor(wrong / 256) + 1, column: 'embedding' },
      remedy: `run ${FEATURES_COMMAND} again`,
    });
  }
  return columns.embedding;
}

/** In words, where two lists of ids first differ. */
function firstDifference(found: readonly string[], expected: readonly string[]): string | undefined {
  if (found.length !== expected.length) return `${found.length} products, not ${expected.length}`;
  const place = expected.findIndex((id, index) => id !== found[index]);
  return place < 0 ? undefined : `${found[place]} where ${expected[place]} is expected`;
}

/** Operations of the stores that the features know, by store id. */
export async function readStoreFeatures({ features }: UpstreamArtifacts) {
  const { columns, rows } = await readWholeTable(features.path(storeFeatures), storeFeatures, {
    columns: [
      'store_id',
      'baskets_per_week_norm',
      'customers_per_week_norm',
      'avg_spend_norm',
      'tenure_weeks_norm',
    ],
  });
  return new Map(
    Array.from({ length: rows }, (_, row) => [
      columns.store_id[row] ?? '',
      {
        size: columns.baskets_per_week_norm[row] ?? 0.5,
        traffic: columns.customers_per_week_norm[row] ?? 0.5,
        spend: columns.avg_spend_norm[row] ?? 0.5,
        age: columns.tenure_weeks_norm[row] ?? 0.5,
      },
    ]),
  );
}

/** Median price in the fit window by product id; products without one are absent. */
export async function readTypicalPrices({
  pipeline,
}: UpstreamArtifacts): Promise<ReadonlyMap<string, number>> {
  const { columns, rows } = await readWholeTable(pipeline.path(priceFallbacksP), priceFallbacksP, {
    columns: ['product_id', 'actual_price'],
  });
  const { codes, values } = columns.product_id;
  return new Map(
    Array.from({ length: rows }, (_, row) => [values[codes[row] ?? 0] ?? '', columns.actual_price[row] ?? 0]),
  );
}
