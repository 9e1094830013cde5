// The whole stage: read upstream, split, pass over the baskets, entity tables, manifest.

import { rm } from 'node:fs/promises';
import {
  type Batch,
  type Columns,
  type Manifest,
  makeScratchFolder,
  openStage,
  type Stage,
  type TableDefinition,
} from '@retail-sim/artifacts';
import { InputError } from '@retail-sim/errors';
import { HOLIDAY_LIST } from '../calendar/holidays.js';
import {
  COLD_START_BASKETS,
  DENSE_CONTEXT_SIZE,
  LABEL_CLASSES,
  MASK_PROBABILITY,
  MAX_SEQUENCE_LENGTH,
  SEQUENCE_SIZE,
  TENSOR_SIZES,
} from '../dimensions.js';
import {
  FIRST_SEGMENTS,
  PRIMARY_STORE_SIZE,
  primaryStoreVector,
  SECOND_SEGMENTS,
} from '../encoders/customer-context.js';
import { byCodePoint, specialTokens } from '../encoders/product-sequence.js';
import { shareOfCounts } from '../encoders/trip-context.js';
import { categoryCodes, vocabularyHash } from '../loader/open-tensors.js';
import { customerStateEntities, priceEntities } from '../schemas/entities.js';
import { MADE_BY } from '../schemas/made-by.js';
import { TENSORS_VERSION, type TensorsManifest } from '../schemas/manifest.js';
import { pairTables, sampleTables } from '../schemas/samples.js';
import { type BasketSplit, splitBaskets } from './basket-split.js';
import { type BatchChannel, batchChannel } from './batch-channel.js';
import { buildSamples, type SampleChannels, type SampleSummary } from './build-samples.js';
import { countClasses, countHours } from './count-baskets.js';
import { writeEntities } from './entity-tables.js';
import { writeLookupTables } from './lookup-tables.js';
import { partitionPrices } from './partition-prices.js';
import { partitionStates } from './partition-states.js';
import { labelReader } from './trip-labels.js';
import {
  type Dictionaries,
  openUpstream,
  readDictionaries,
  readProductEmbeddings,
  readStoreFeatures,
  readTypicalPrices,
  type UpstreamArtifacts,
} from './upstream.js';

export interface BuildTensorsOptions {
  /** Folder of the data pipeline, of feature engineering, and the one to write. */
  readonly processed: string;
  readonly features: string;
  readonly tensors: string;
  /** What the user asked for; left out, the pipeline's choice. */
  readonly split?: string;
  /** Row limit that the pipeline must have been run with. */
  readonly nrows?: number;
  readonly seed: number;
  readonly t6: TensorsManifest['t6'];
  readonly t2PositionEncoding: boolean;
  readonly longBaskets: TensorsManifest['longBaskets'];
  readonly maxSequenceLength?: number;
  readonly maskProbability?: number;
  /** Makes what is worth a warning an error. */
  readonly strict?: boolean;
  /** Told what is odd but stops nothing. */
  readonly warn?: (message: string) => void;
  /** Told which step begins. */
  readonly step?: (name: string) => void;
  /** Told how many of the baskets are done. */
  readonly progress?: (done: number, all: number) => void;
  /** Stops the build; nothing is published then. */
  readonly signal?: AbortSignal;
}

/** Shares of the split when the pipeline could not cut at weeks and named none. */
const DEFAULT_SHARES = [0.8, 0.1, 0.1] as const;
/** Tokens and stores are 16-bit numbers on disk. */
const MOST_ROWS = 65_000;
/** More than this share of items without price, or of states without history, is worth a warning. */
const TOLERATED_SHARE = 0.01;

/**
 * Builds the tensor folder from the two upstream folders. Nothing is published before everything is complete.
 *
 * @throws InputError when an upstream folder is missing, stale or foreign, or when the baskets cannot be split
 */
export async function buildTensors(options: BuildTensorsOptions): Promise<Manifest> {
  const { step = () => undefined } = options;
  step('checking what it reads');
  const upstream = await openUpstream(options);
  const dictionaries = await readDictionaries(upstream);
  checkSizes(dictionaries);
  const productIds = dictionaries.products.product_id;
  const embeddings = await readProductEmbeddings(upstream, productIds);
  const storeFeatures = await readStoreFeatures(upstream);
  const typicalPrices = await readTypicalPrices(upstream);

  step('splitting baskets');
  const hours = await countHours(upstream.pipeline);
  const split = splitBaskets(hours, upstream.split, sharesOf(options.split ?? upstream.split.rule));
  const lastWeek = hours.at(-1)?.week ?? 0;
  const labelsOf = labelReader(dictionaries.labels);
  const trainShares = shareOfCounts(await countClasses(upstream.pipeline, labelsOf, split.trainEnd));

  await using stage = await openStage(options.tensors, MADE_BY);
  const scratch = await makeScratchFolder(options.tensors);
  try {
    step('sorting prices and customer states by week');
    const tokens = new Map(productIds.map((id, place) => [id, place + 1]));
    const storeRows = new Map(dictionaries.stores.store_id.map((id, place) => [id, place + 1]));
    const customerRows = new Map(dictionaries.customers.customer_id.map((id, place) => [id, place + 1]));
    const categories = categoryCodes(['', ...nullable(dictionaries.products.sub_commodity)]);
    using prices = await partitionPrices(upstream.features, { tokens, storeRows, categories }, scratch);
    using states = await partitionStates(
      upstream,
      { customerRows, storeRows, trainShares, lastWeek },
      scratch,
    );

    step('building samples');
    const stores = storeVectors(dictionaries);
    const sources = {
      upstream,
      prices,
      states,
      split,
      labelsOf,
      products: productIds.length,
      customers: dictionaries.customers.customer_id.length,
      segments: segmentPlaces(dictionaries),
      primaryStores: stores,
      progress: options.progress,
      signal: options.signal,
    };
    const summary = await writeSamples(stage, (channels) => buildSamples(sources, channels));
    warnAbout(summary, states.withoutHistory, split, options);

    step('writing entity tables');
    await writeEntities(stage, {
      dictionaries,
      embeddings,
      storeFeatures,
      typicalPrices,
      primaryStores: stores,
      categoryAverages: prices.categoryAverages,
      summary,
      split,
      special: specialTokens(productIds.length),
    });
    await writeLookupTables(stage);
    return await stage.commit({
      mode: 'corrected',
      parameters: describe({ options, dictionaries, split, summary, trainShares, upstream }),
      seed: options.seed,
      fitThroughWeek: upstream.split.fitThroughShopWeek,
      split: upstream.pipeline.manifest.split,
      inputs: [],
      upstream: [upstream.pipeline.link(options.tensors), upstream.features.link(options.tensors)],
      rejects: null,
      counts: countsOf(summary, split, dictionaries),
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Runs the pass over the baskets and the writers of its tables side by side. */
async function writeSamples<T>(stage: Stage, build: (channels: SampleChannels) => Promise<T>): Promise<T> {
  const all: Pick<BatchChannel<unknown>, 'close' | 'fail'>[] = [];
  const writers: Promise<unknown>[] = [];
  function open<C extends Columns>(table: TableDefinition<C>): BatchChannel<Batch<C>> {
    const channel = batchChannel<Batch<C>>();
    all.push(channel);
    writers.push(stage.table(table, channel));
    return channel;
  }
  const channels: SampleChannels = {
    samples: { train: open(sampleTables.train), val: open(sampleTables.val), test: open(sampleTables.test) },
    pairs: { train: open(pairTables.train), val: open(pairTables.val), test: open(pairTables.test) },
    states: open(customerStateEntities),
    prices: open(priceEntities),
  };
  const settled = Promise.allSettled(writers);
  try {
    const result = await build(channels);
    for (const channel of all) channel.close();
    await Promise.all(writers);
    return result;
  } catch (error) {
    for (const channel of all) channel.fail(error);
    const failures = (await settled).flatMap((writer) =>
      writer.status === 'rejected' ? [writer.reason] : [],
    );
    // A writer that failed by itself (a full disk) is the cause of what the pass over the baskets saw.
    throw failures.find((failure) => failure !== error) ?? error;
  }
}

function checkSizes({ products, stores }: Dictionaries): void {
  for (const [what, ids] of [
    ['products', products.product_id],
    ['stores', stores.store_id],
  ] as const) {
    if (ids.length > MOST_ROWS) {
      throw new InputError({
        what: `${ids.length} ${what} are more than the ${MOST_ROWS} that a tensor folder holds`,
        remedy: `give the data pipeline fewer ${what}`,
      });
    }
    const unsorted = ids.findIndex((id, place) => place > 0 && byCodePoint(ids[place - 1] ?? '', id) >= 0);
    if (unsorted >= 0) {
      throw new InputError({
        what: `the ${what} of the data pipeline are not in ascending order (${ids[unsorted]})`,
        remedy: 'run retail-data-pipeline again',
      });
    }
  }
}

/** `80/10/10` as shares. */
function sharesOf(rule: string): readonly [number, number, number] {
  const [train, val, test] = rule.split('/').map((part) => Number(part) / 100);
  if (train === undefined || val === undefined || test === undefined) return DEFAULT_SHARES;
  return [train, val, test].every((share) => share > 0) ? [train, val, test] : DEFAULT_SHARES;
}

function nullable({
  data,
  valid,
}: {
  readonly data: readonly string[];
  readonly valid: Uint8Array;
}): string[] {
  return data.map((value, row) => (valid[row] === 1 ? value : ''));
}

/** Places of both segments by customer row, -1 unknown; row 0 is anonymous. */
function segmentPlaces({ customers }: Dictionaries) {
  const places = (list: readonly string[], column: { data: readonly string[]; valid: Uint8Array }) =>
    Int8Array.from(['', ...nullable(column)], (segment) => list.indexOf(segment));
  return {
    first: places(FIRST_SEGMENTS, customers.seg_1),
    second: places(SECOND_SEGMENTS, customers.seg_2),
  };
}

function warnAbout(
  { counts }: SampleSummary,
  withoutHistory: number,
  split: BasketSplit,
  { warn = () => undefined, strict = false }: BuildTensorsOptions,
): void {
  const problem = (what: string) => {
    if (strict) throw new InputError({ what, remedy: 'run the earlier stages again, or leave --strict out' });
    warn(what);
  };
  if (counts.itemsWithoutPrice > TOLERATED_SHARE * counts.items) {
    problem(`${counts.itemsWithoutPrice} of ${counts.items} items have no price`);
  }
  if (withoutHistory > TOLERATED_SHARE * counts.states) {
    problem(`${withoutHistory} of ${counts.states} customer states have no history vector`);
  }
  if (split.granularity !== 'week') {
    warn(
      `the data has too few weeks to split by week: cut by ${split.granularity}; features were fitted on all of it, so scores on it flatter`,
    );
  }
}

function countsOf(
  summary: SampleSummary,
  split: BasketSplit,
  dictionaries: Dictionaries,
): Record<string, number> {
  const { consecutive, droppedTarget, droppedGap, kept } = summary.trips.pairs;
  return {
    ...summary.counts,
    baskets: split.baskets,
    trainBaskets: split.trainEnd,
    valBaskets: split.valEnd - split.trainEnd,
    testBaskets: split.baskets - split.valEnd,
    customers: dictionaries.customers.customer_id.length,
    stores: dictionaries.stores.store_id.length,
    products: dictionaries.products.product_id.length,
    novelProducts: summary.trainCount.reduce(
      (sum, count, token) => sum + (token > 0 && count === 0 ? 1 : 0),
      0,
    ),
    consecutivePairs: consecutive,
    pairsDroppedTarget: droppedTarget,
    pairsDroppedGap: droppedGap,
    pairs: kept,
  };
}

function describe({
  options,
  dictionaries,
  split,
  summary,
  trainShares,
  upstream,
}: {
  readonly options: BuildTensorsOptions;
  readonly dictionaries: Dictionaries;
  readonly split: BasketSplit;
  readonly summary: SampleSummary;
  readonly trainShares: Float64Array;
  readonly upstream: UpstreamArtifacts;
}): TensorsManifest {
  const { product_id: productIds } = dictionaries.products;
  const { calendar } = dictionaries;
  const withData = Array.from(calendar.week.keys()).filter((row) => (calendar.lines[row] ?? 0) > 0);
  const [first = 0] = withData;
  const last = withData.at(-1) ?? 0;
  const missing = Array.from(calendar.week.keys()).filter(
    (row) => row > first && row < last && calendar.lines[row] === 0,
  );
  const { mask, eos, size } = specialTokens(productIds.length);
  const baskets = {
    train: split.trainEnd,
    val: split.valEnd - split.trainEnd,
    test: split.baskets - split.valEnd,
  };
  return {
    schemaVersion: TENSORS_VERSION,
    layout: 'indexed',
    dims: { ...TENSOR_SIZES, dense: DENSE_CONTEXT_SIZE, sequence: SEQUENCE_SIZE },
    dtype: 'float32',
    maxSeqLen: options.maxSequenceLength ?? MAX_SEQUENCE_LENGTH,
    maskProb: options.maskProbability ?? MASK_PROBABILITY,
    coldStartThreshold: COLD_START_BASKETS,
    vocab: { size, products: productIds.length, pad: 0, mask, eos, sha256: vocabularyHash(productIds) },
    labels: {
      type: LABEL_CLASSES.missionType,
      focus: LABEL_CLASSES.missionFocus,
      sensitivity: LABEL_CLASSES.priceSensitivity,
      size: LABEL_CLASSES.basketSize,
      ignore: 0,
    },
    calendar: {
      firstWeek: calendar.week[first] ?? 0,
      lastWeek: calendar.week[last] ?? 0,
      firstIndex: calendar.week_idx[first] ?? 0,
      lastIndex: calendar.week_idx[last] ?? 0,
      missing: missing.map((row) => calendar.week[row] ?? 0),
      holidays: HOLIDAY_LIST,
    },
    split: {
      rule: upstream.split.rule,
      granularity: split.granularity,
      trainEndWeek: summary.trainEndWeek,
      valEndWeek: summary.valEndWeek,
      fitThroughWeek: upstream.split.fitThroughWeek,
      shares: {
        train: baskets.train / split.baskets,
        val: baskets.val / split.baskets,
        test: baskets.test / split.baskets,
      },
      firstRow: { train: 0, val: split.trainEnd, test: split.valEnd },
      baskets,
      pairs: { ...summary.pairs },
    },
    t6: options.t6,
    t2PositionEncoding: options.t2PositionEncoding,
    longBaskets: options.longBaskets,
    trainShares: Array.from(trainShares),
    stats: summary.stats,
  };
}

function storeVectors({ stores }: Dictionaries): Float32Array {
  const vectors = new Float32Array((stores.store_id.length + 1) * PRIMARY_STORE_SIZE);
  for (const [place, id] of stores.store_id.entries()) {
    vectors.set(primaryStoreVector(id), (place + 1) * PRIMARY_STORE_SIZE);
  }
  return vectors;
}
