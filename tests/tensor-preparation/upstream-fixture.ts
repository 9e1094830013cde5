// A small world whose pipeline and feature folders are written directly, so that the tests of tensor preparation can change
// one basket and know what may follow from it. Everything "known before a week" is computed here from the baskets of
// earlier weeks in the simplest way; nothing of it is used outside tests.

import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  batchFromRows,
  column,
  openStage,
  type RowOf,
  type Stage,
  type TableDefinition,
} from '@retail-sim/artifacts';
import * as pipelineSchemas from '@retail-sim/data-pipeline/schemas';
import * as featureSchemas from '@retail-sim/feature-engineering/schemas';
import { keyedStream, namedNormals } from '@retail-sim/random';

/** Monday 10 April 2006, the first day of calendar week 1. */
const FIRST_DAY = 13_248;
const FORMATS = ['LS', 'MS', 'SS', 'XLS'];
const REGIONS = ['E01', 'E02', 'E03', 'N01', 'N02', 'N03', 'S01', 'S02', 'S03', 'W01', 'W02', 'W03'];
const LABELS = {
  basket_size: ['L', 'M', 'S'],
  basket_price_sensitivity: ['LA', 'MM', 'UM', 'XX'],
  basket_type: ['Full Shop', 'Small Shop', 'Top Up', 'XX'],
  basket_dominant_mission: ['Fresh', 'Grocery', 'Mixed', 'Nonfood', 'XX'],
} as const;
type Attribute = keyof typeof LABELS;

export interface WorldBasket {
  basketId: number;
  /** Calendar week, from 1. */
  week: number;
  date: number;
  hour: number;
  store: number;
  customer: number | null;
  lines: { product: number; quantity: number; pence: number }[];
  labels: Record<Attribute, string>;
}

export interface World {
  products: number;
  stores: number;
  customers: number;
  weeks: number;
  /** In time order. */
  baskets: WorldBasket[];
}

/** A seeded world; the last product is sold in the last week only. */
export function makeWorld(
  change: Partial<Omit<World, 'baskets'>> & { baskets?: number; seed?: number } = {},
): World {
  const { products = 40, stores = 14, customers = 12, weeks = 10, baskets: count = 400, seed = 1 } = change;
  const stream = keyedStream(seed, 'test-world');
  const baskets: WorldBasket[] = [];
  for (let index = 0; index < count; index++) {
    const week = 1 + Math.floor((index * weeks) / count);
    const anonymous = stream.uniform() < 0.2;
    const size = 1 + Math.floor(stream.uniform() ** 2 * 12);
    const codes = new Set<number>();
    const known = week === weeks ? products : products - 1;
    while (codes.size < Math.min(size, known)) codes.add(stream.below(known));
    const lines = [...codes]
      .sort((a, b) => a - b)
      .map((product) => {
        const quantity = 1 + stream.below(3);
        return { product, quantity, pence: quantity * pricePence(product) };
      });
    const units = lines.reduce((sum, { quantity }) => sum + quantity, 0);
    baskets.push({
      basketId: 990_000_000 + stream.below(1_000_000) * 1000 + index,
      week,
      date: FIRST_DAY + 7 * (week - 1) + stream.below(7),
      hour: 8 + stream.below(15),
      store: stream.below(stores),
      customer: anonymous ? null : stream.below(customers),
      lines,
      labels: {
        basket_size: units >= 10 ? 'L' : units >= 3 ? 'M' : 'S',
        basket_price_sensitivity: ['LA', 'MM', 'UM', 'XX'][stream.below(4)] ?? 'XX',
        basket_type: ['Full Shop', 'Small Shop', 'Top Up', 'XX'][stream.below(4)] ?? 'XX',
        basket_dominant_mission: ['Fresh', 'Grocery', 'Mixed', 'Nonfood', 'XX'][stream.below(5)] ?? 'XX',
      },
    });
  }
  return { products, stores, customers, weeks, baskets: inTimeOrder(baskets) };
}

export function inTimeOrder(baskets: readonly WorldBasket[]): WorldBasket[] {
  return [...baskets].sort(
    (a, b) => a.week - b.week || a.date - b.date || a.hour - b.hour || a.basketId - b.basketId,
  );
}

export const productId = (product: number) => `PRD${String(product).padStart(4, '0')}`;
export const storeId = (store: number) => `STORE${String(store).padStart(3, '0')}`;
export const customerId = (customer: number) => `CUST${String(customer).padStart(4, '0')}`;
export const shopWeek = (week: number) => 200606 + week;
export const categoryId = (product: number) => `CL${String(product % 5).padStart(5, '0')}`;
/** Unit vector of a product, `[256]`. */
export const embeddingOf = (product: number) => unit(namedNormals(`embedding:${product}`, 256));
const pricePence = (product: number) => 35 + ((product * 37) % 400);

export interface UpstreamChange {
  /** Of the features' manifest. */
  readonly fitThroughWeek?: number;
  readonly featureMode?: 'corrected' | 'reference';
  /** Products of the embedding table. */
  readonly embeddedProducts?: number;
  /** Numbers of an embedding, 256 when they are as they should be. */
  readonly embeddingSize?: number;
  /** Product whose embedding holds NaN. */
  readonly brokenProduct?: number;
  readonly split?: { train: number[]; validation: number[]; test: number[] };
  /** The world that the fitted tables (embeddings, store features, fallbacks) come from; by default the same. */
  readonly fittedOn?: World;
}

export interface Folders {
  readonly processed: string;
  readonly features: string;
  readonly tensors: string;
}

/** Writes both upstream folders of a world and returns them, with an empty place for the tensors. */
export async function writeUpstream(
  world: World,
  change: UpstreamChange = {},
  under?: string,
): Promise<Folders> {
  const root = under ?? (await mkdtemp(join(tmpdir(), 'retail-tensors-')));
  const folders = {
    processed: join(root, 'processed'),
    features: join(root, 'features'),
    tensors: join(root, 'tensors'),
  };
  await mkdir(folders.processed, { recursive: true });
  const weeks = Array.from({ length: world.weeks }, (_, index) => index + 1);
  const split = change.split ?? {
    train: weeks.slice(0, -2),
    validation: weeks.slice(-2, -1),
    test: weeks.slice(-1),
  };
  const fitThrough = shopWeek(split.train.at(-1) ?? 0);
  await writePipeline(world, split, fitThrough, folders.processed);
  await writeFeatures(world, change.fitThroughWeek ?? fitThrough, change, folders);
  return folders;
}

async function writeTable<T extends TableDefinition>(stage: Stage, table: T, rows: readonly RowOf<T>[]) {
  await stage.table(table, [batchFromRows(table, rows)]);
}

async function writePipeline(
  world: World,
  split: { train: number[]; validation: number[]; test: number[] },
  fitThrough: number,
  folder: string,
): Promise<void> {
  const s = pipelineSchemas;
  await using stage = await openStage(folder, 'retail-data-pipeline');
  const when = ({ week, date, hour }: WorldBasket) => ({
    week: shopWeek(week),
    week_idx: week,
    shop_date: date,
    shop_weekday: 1 + ((date - FIRST_DAY + 1) % 7),
    shop_hour: hour,
  });
  const codes = ({ labels }: WorldBasket) => ({
    basket_size: codeOf('basket_size', labels),
    basket_price_sensitivity: codeOf('basket_price_sensitivity', labels),
    basket_type: codeOf('basket_type', labels),
    basket_dominant_mission: codeOf('basket_dominant_mission', labels),
  });
  let firstLine = 0;
  await writeTable(
    stage,
    s.baskets,
    world.baskets.map((basket) => {
      const row = {
        basket_id: basket.basketId,
        ...when(basket),
        store: basket.store,
        customer: basket.customer,
        ...codes(basket),
        first_line: firstLine,
        lines: basket.lines.length,
        products: basket.lines.length,
        quantity: basket.lines.reduce((sum, { quantity }) => sum + quantity, 0),
        spend_pence: basket.lines.reduce((sum, { pence }) => sum + pence, 0),
      };
      firstLine += basket.lines.length;
      return row;
    }),
  );
  await writeTable(
    stage,
    s.transactions,
    world.baskets.flatMap((basket) =>
      basket.lines.map(({ product, quantity, pence }) => ({
        basket_id: basket.basketId,
        ...when(basket),
        product,
        store: basket.store,
        customer: basket.customer,
        quantity,
        spend_pence: pence,
        ...codes(basket),
        input_row: null,
      })),
    ),
  );
  const range = (length: number) => Array.from({ length }, (_, index) => index);
  await writeTable(
    stage,
    s.products,
    range(world.products).map((product) => ({
      product_id: productId(product),
      sub_commodity: categoryId(product),
      commodity: 'DEP00001',
      sub_department: 'G00001',
      department: 'D00001',
      lines: 1,
    })),
  );
  await writeTable(
    stage,
    s.stores,
    range(world.stores).map((store) => ({
      store_id: storeId(store),
      store_format: FORMATS[store % 4] ?? '',
      store_region: REGIONS[store % 12] ?? '',
      lines: 1,
    })),
  );
  await writeTable(
    stage,
    s.customers,
    range(world.customers).map((customer) => ({
      customer_id: customerId(customer),
      seg_1: ['CT', 'AZ', 'BG', 'DY'][customer % 4] ?? '',
      seg_2: customer % 5 === 4 ? null : (['DI', 'FN', 'BU'][customer % 3] ?? ''),
      lines: 1,
    })),
  );
  await writeTable(
    stage,
    s.labels,
    Object.entries(LABELS).flatMap(([attribute, labels]) =>
      labels.map((label, code) => ({ attribute, code, label })),
    ),
  );
  await writeTable(
    stage,
    s.calendar,
    range(world.weeks + 3).map((index) => ({
      week: shopWeek(index + 1),
      week_idx: index + 1,
      date_from: FIRST_DAY + 7 * index,
      date_to: FIRST_DAY + 7 * index + 6,
      lines: world.baskets.filter(({ week }) => week === index + 1).length,
    })),
  );
  await writeTable(
    stage,
    s.priceFallbacksP,
    range(world.products).map((product) => ({
      product_id: productId(product),
      actual_price: pricePence(product) / 100,
      base_price: pricePence(product) / 100,
      cells: 1,
      variable_weight: false,
    })),
  );
  const states = statesOf(world);
  await writeTable(
    stage,
    s.customerStoreAffinityWeekly,
    states.map(({ customer, week, past }) => ({
      customer,
      customer_id: customerId(customer),
      week_idx: week,
      ...affinityOf(past),
    })),
  );
  await writeTable(
    stage,
    s.customerMissionPatternsWeekly,
    states.map(({ customer, week, past }) => ({
      customer,
      customer_id: customerId(customer),
      week_idx: week,
      ...missionsOf(past),
    })),
  );
  await stage.file(s.SPLIT_FILE, (temporary) =>
    writeFile(
      temporary,
      JSON.stringify({
        version: 1,
        rule: split.validation.length === 0 ? 'none' : '80/10/10',
        ...split,
        fitThroughWeek: split.train.at(-1) ?? 0,
        fitThroughShopWeek: fitThrough,
      }),
    ),
  );
  await stage.commit({
    mode: 'corrected',
    parameters: {},
    seed: null,
    fitThroughWeek: fitThrough,
    split: '80/10/10',
    inputs: [],
    upstream: [],
    rejects: null,
    counts: {},
  });
}

async function writeFeatures(
  world: World,
  fitThroughWeek: number,
  {
    featureMode = 'corrected',
    embeddedProducts = world.products,
    embeddingSize = 256,
    brokenProduct,
    fittedOn = world,
  }: UpstreamChange,
  { processed, features }: Folders,
): Promise<void> {
  const s = featureSchemas;
  await using stage = await openStage(features, 'retail-feature-engineering');
  await writeTable(
    stage,
    embeddingTable(embeddingSize),
    Array.from({ length: embeddedProducts }, (_, product) => ({
      product_id: productId(product),
      embedding: embeddingOf(product)
        .slice(0, embeddingSize)
        .map((value) => (product === brokenProduct ? Number.NaN : value)),
      source: 'spectral',
    })),
  );
  await writeTable(
    stage,
    s.customerStates,
    statesOf(world).map(({ customer, week, past }) => ({
      customer_id: customerId(customer),
      week: shopWeek(week),
      week_idx: week,
      trips: past.length,
      ...vectorsOf(past),
    })),
  );
  await writeTable(stage, s.priceFeatures, pricesOf(world));
  const used = [...new Set(fittedOn.baskets.map(({ store }) => store))].sort((a, b) => a - b);
  await writeTable(
    stage,
    s.storeFeatures,
    used.map((store) => ({
      store_id: storeId(store),
      format: FORMATS[store % 4] ?? '',
      region: REGIONS[store % 12] ?? '',
      total_baskets: 1,
      unique_customers: 1,
      baskets_per_week_norm: ((store * 7) % 10) / 10,
      customers_per_week_norm: ((store * 3) % 10) / 10,
      avg_spend_norm: ((store * 9) % 11) / 11,
      tenure_weeks_norm: 1 - store / 20,
      embedding: new Float32Array(96),
    })),
  );
  await stage.commit({
    mode: featureMode,
    parameters: {},
    seed: 42,
    fitThroughWeek,
    split: '80/10/10',
    inputs: [],
    upstream: [
      await (async () => {
        const { verifyUpstream } = await import('@retail-sim/artifacts');
        return (await verifyUpstream(processed, { command: 'retail-data-pipeline' })).link(features);
      })(),
    ],
    rejects: null,
    counts: {},
  });
}

/** The features' embedding table with vectors of another size. */
function embeddingTable(size: number) {
  const { productEmbeddings } = featureSchemas;
  if (size === 256) return productEmbeddings;
  const embedding = column.fixedSizeList('float32', size, { description: '' });
  return { ...productEmbeddings, columns: { ...productEmbeddings.columns, embedding } };
}

interface State {
  readonly customer: number;
  readonly week: number;
  readonly past: readonly WorldBasket[];
}

/** Baskets before each week shopped, for customers with any; and before the week after the last. */
function statesOf({ baskets, customers, weeks }: World): State[] {
  const states: State[] = [];
  for (let customer = 0; customer < customers; customer++) {
    const own = baskets.filter((basket) => basket.customer === customer);
    for (const week of [...new Set(own.map((basket) => basket.week)), weeks + 1]) {
      const past = own.filter((basket) => basket.week < week);
      if (past.length > 0) states.push({ customer, week, past });
    }
  }
  return states;
}

function affinityOf(past: readonly WorldBasket[]) {
  const visits = new Map<number, number>();
  for (const { store } of past) visits.set(store, (visits.get(store) ?? 0) + 1);
  const shares = [...visits.values()].map((count) => count / past.length);
  const [primary] = [...visits].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0] ?? [0];
  return {
    primary_store: storeId(primary),
    loyalty_score: shares.reduce((sum, share) => sum + share * share, 0),
    loyalty_shrunk: 0.5,
    switching_rate: (visits.size - 1) / past.length,
    switch_weeks_observed: 1,
    region_diversity: new Set([...visits.keys()].map((store) => store % 12)).size,
    total_stores_visited: visits.size,
    visit_concentration: 1,
    primary_store_share: Math.max(...shares),
    tenure_weeks: 1,
    active_weeks: 1,
    last_week_idx: past.at(-1)?.week ?? 0,
    n_trips: past.length,
    total_spend: 1,
  };
}

function missionsOf(
  past: readonly WorldBasket[],
): Omit<
  RowOf<typeof pipelineSchemas.customerMissionPatternsWeekly>,
  'customer' | 'customer_id' | 'week_idx'
> {
  const count = (attribute: Attribute, label: string) =>
    past.filter((basket) => basket.labels[attribute] === label).length;
  const zeros = {
    mission_type_entropy: 0,
    p_mission_full_shop: 0,
    p_mission_small_shop: 0,
    p_mission_top_up: 0,
    p_mission_emergency: 0,
    p_mission_unknown: 0,
    focus_entropy: 0,
    p_focus_fresh: 0,
    p_focus_grocery: 0,
    p_focus_mixed: 0,
    p_focus_nonfood: 0,
    p_focus_unknown: 0,
    mean_price_sensitivity: 0,
    sensitivity_volatility: 0,
    p_sens_unknown: 0,
    mean_basket_size: 0,
    basket_size_variance: 0,
    basket_size_std: 0,
    avg_items_per_trip: 0,
    avg_spend_per_trip: 0,
    p_size_s: 0,
    p_size_m: 0,
    p_size_l: 0,
    mission_consistency: 0,
    ps_mission_full_shop: 0,
    ps_mission_small_shop: 0,
    ps_mission_top_up: 0,
    ps_focus_fresh: 0,
    ps_focus_grocery: 0,
    ps_focus_mixed: 0,
    ps_focus_nonfood: 0,
  };
  return {
    ...zeros,
    dominant_mission_type: 'Top Up',
    dominant_focus: 'Fresh',
    sensitivity_imputed: false,
    typical_sensitivity: 'MM',
    total_trips: past.length,
    reliable: true,
    n_mission_full_shop: count('basket_type', 'Full Shop'),
    n_mission_small_shop: count('basket_type', 'Small Shop'),
    n_mission_top_up: count('basket_type', 'Top Up'),
    n_mission_emergency: 0,
    n_focus_fresh: count('basket_dominant_mission', 'Fresh'),
    n_focus_grocery: count('basket_dominant_mission', 'Grocery'),
    n_focus_mixed: count('basket_dominant_mission', 'Mixed'),
    n_focus_nonfood: count('basket_dominant_mission', 'Nonfood'),
    n_sens_la: count('basket_price_sensitivity', 'LA'),
    n_sens_mm: count('basket_price_sensitivity', 'MM'),
    n_sens_um: count('basket_price_sensitivity', 'UM'),
    n_size_s: count('basket_size', 'S'),
    n_size_m: count('basket_size', 'M'),
    n_size_l: count('basket_size', 'L'),
  };
}

/** A vector that changes with every past item. */
function vectorsOf(past: readonly WorldBasket[]) {
  const history = new Float32Array(128);
  const statistics = new Float32Array(32);
  for (const [trip, { lines, store, labels }] of past.entries()) {
    for (const { product, quantity } of lines) {
      history[product % 128] = (history[product % 128] ?? 0) + quantity / (10 + trip);
      history[127 - (product % 60)] = Math.sin(product + trip);
    }
    statistics[store % 32] = (statistics[store % 32] ?? 0) + 0.1;
    statistics[31] = (statistics[31] ?? 0) + labels.basket_type.length / 100;
  }
  for (let i = 0; i < 64; i++) history[i] = (history[i] ?? 0) + Math.cos(past.length + i) / 10;
  return { history, statistics, embedding: new Float32Array(160) };
}

/** One price per (product, store, week) sold, ascending; weighed products vary from week to week. */
function pricesOf({ baskets }: World): RowOf<typeof featureSchemas.priceFeatures>[] {
  const cells = new Map<string, [number, number, number]>();
  for (const { store, week, lines } of baskets) {
    for (const { product } of lines) cells.set(`${product}/${store}/${week}`, [product, store, week]);
  }
  return [...cells.values()]
    .sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2])
    .map(([product, store, week]) => {
      const price = (pricePence(product) / 100) * (product % 7 === 0 ? 1 + 0.2 * Math.sin(week + store) : 1);
      return {
        product_id: productId(product),
        store_id: storeId(store),
        week: shopWeek(week),
        week_idx: week,
        actual_price: price,
        base_price: price * (product % 9 === 0 ? 1.2 : 1),
        category_price: 2 + (product % 5) / 10 + week / 100,
        prior_price: week > 1 ? price * (1 + ((product + week) % 5) / 50) : price,
        discount_depth: 0,
        category_source: week > 1 ? 'sub_commodity' : 'own',
        prior_source: week > 1 ? 'store' : 'own',
        encoding: null,
      };
    });
}

function codeOf<A extends Attribute>(attribute: A, labels: Record<Attribute, string>): number {
  const list: readonly string[] = LABELS[attribute];
  return list.indexOf(labels[attribute]);
}

function unit(vector: Float64Array): Float64Array {
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
}
