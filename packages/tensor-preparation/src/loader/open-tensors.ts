// Opens a tensor folder: checks the manifest and the files against this release, and gives the loader its tables.

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import {
  type Columns,
  type Manifest,
  openTensors as openTensorFile,
  readManifest,
  resultId,
  type TableDefinition,
  type TensorFile,
  verifyUpstream,
} from '@retail-sim/artifacts';
import { InputError } from '@retail-sim/errors';
import {
  calendarEntities,
  categoryPriceEntities,
  customerEntities,
  customerStateEntities,
  customerTimelines,
  priceEntities,
  productEntities,
  storeEntities,
} from '../schemas/entities.js';
import { MADE_BY } from '../schemas/made-by.js';
import { TENSORS_VERSION, type TensorsManifest, tensorsManifestSchema } from '../schemas/manifest.js';
import { pairTables, sampleTables } from '../schemas/samples.js';
import { SPLITS, type SplitName } from '../schemas/splits.js';
import { pagedColumns } from './paged-columns.js';
import type {
  CustomerStates,
  ListColumn,
  NumberColumn,
  Prices,
  Samples,
  TensorTables,
} from './tensor-columns.js';

/** Files up to this size are held in memory, longer ones page by page. */
const RESIDENT_BYTES = 512 * 2 ** 20;

/** Rows of a page of each long file: about 256 KiB each. */
const PAGE_ROWS = { samples: 2048, states: 512, prices: 8192, timelines: 1024 } as const;

export interface OpenTensorsOptions {
  /** Files up to this many bytes are held in memory. */
  readonly residentBytes?: number;
}

/** A tensor folder, open for reading. */
export interface OpenTensors extends Disposable {
  readonly folder: string;
  readonly manifest: TensorsManifest;
  readonly stage: Manifest;
  /** Changes with every build that gives other data: a checkpoint stores it. */
  readonly contents: string;
  readonly tables: TensorTables;
  /** Codes of the products, token 1 first. */
  readonly productIds: () => readonly string[];
  /** Codes of the customers, by row; row 0 is empty. */
  readonly customerIds: () => readonly string[];
  /** Codes of the stores, by row; row 0 is empty. */
  readonly storeIds: () => readonly string[];
  /** Items of every basket of a split, in row order. */
  readonly itemCounts: (split: SplitName) => Uint16Array;
  /** The pairs of consecutive baskets whose later basket is in a split. */
  readonly pairs: (split: SplitName) => PairColumns;
  /** Closes the files. */
  close(): void;
}

/** All pairs of a split, column by column. */
export interface PairColumns {
  readonly rows: number;
  readonly inputRow: Uint32Array;
  readonly targetRow: Uint32Array;
  readonly weekGap: Uint16Array;
  readonly dayGap: Uint16Array;
}

/**
 * Opens the folder that `retail-build-tensors` wrote.
 *
 * @throws InputError when the folder is missing, incomplete, of another version, or was changed after its manifest
 */
export async function openTensors(
  folder: string,
  { residentBytes = RESIDENT_BYTES }: OpenTensorsOptions = {},
): Promise<OpenTensors> {
  await verifyUpstream(folder, { command: MADE_BY });
  const stage = await readManifest(folder, MADE_BY);
  const manifest = parseTensorsManifest(folder, stage);
  const files: TensorFile[] = [];
  const open = <C extends Columns>(table: TableDefinition<C>): TensorFile<C> => {
    const file = openTensorFile(join(folder, table.file), table);
    files.push(file);
    return file;
  };
  const close = () => {
    for (const file of files.splice(0)) file.close();
  };
  const pageRows = (table: TableDefinition, rows: number) =>
    (stage.outputs[table.file]?.bytes ?? 0) <= residentBytes ? ('all' as const) : rows;

  try {
    const products = open(productEntities);
    const customers = open(customerEntities);
    const stores = open(storeEntities);
    checkVocabulary(folder, manifest, products);
    const segments = customers.read(0, customers.rows, { columns: ['seg1', 'seg2'] }).columns;
    const timelines = open(customerTimelines);
    const timelinePage = pagedColumns(
      timelines,
      ['baskets'],
      pageRows(customerTimelines, PAGE_ROWS.timelines),
    );
    const tables: TensorTables = {
      vocabulary: manifest.vocab,
      maxSequenceLength: manifest.maxSeqLen,
      t6: manifest.t6,
      positionEncoding: manifest.t2PositionEncoding,
      trainShares: Float64Array.from(manifest.trainShares),
      samples: openSamples(manifest, open, pageRows),
      states: openStates(open(customerStateEntities), pageRows(customerStateEntities, PAGE_ROWS.states)),
      prices: openPrices(open(priceEntities), pageRows(priceEntities, PAGE_ROWS.prices)),
      products: readProducts(products),
      stores: readStores(stores),
      firstSegment: segments.seg1,
      secondSegment: segments.seg2,
      timeline: (customerRow) => {
        const { start, columns } = timelinePage(customerRow);
        return listRow(columns.baskets, customerRow - start);
      },
      shopWeek: readShopWeeks(open(calendarEntities)),
      categoryAverage: readCategoryAverages(open(categoryPriceEntities)),
    };
    return {
      folder,
      manifest,
      stage,
      contents: resultId(stage),
      tables,
      productIds: () =>
        products.read(1, manifest.vocab.products + 1, { columns: ['product_id'] }).columns.product_id,
      customerIds: () => customers.read(0, customers.rows, { columns: ['customer_id'] }).columns.customer_id,
      storeIds: () => stores.read(0, stores.rows, { columns: ['store_id'] }).columns.store_id,
      itemCounts: (split) => itemCounts(folder, split),
      pairs: (split) => readPairs(folder, split),
      close,
      [Symbol.dispose]: close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** The tensors' part of a stage manifest. */
export function parseTensorsManifest(folder: string, stage: Manifest): TensorsManifest {
  const where = { file: join(folder, 'manifest.json') };
  const remedy = `run ${MADE_BY} again`;
  const version = stage.parameters.schemaVersion;
  if (typeof version !== 'string' || version.split('.')[0] !== TENSORS_VERSION.split('.')[0]) {
    throw new InputError({
      what: `holds tensors of version ${String(version)}; this release reads ${TENSORS_VERSION}`,
      where,
      remedy,
    });
  }
  const parsed = tensorsManifestSchema.safeParse(stage.parameters);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError({
    what: `does not describe tensors of this release: parameters.${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    where,
    remedy,
    cause: parsed.error,
  });
}

/** Hash of the product codes in token order. */
export function vocabularyHash(productIds: readonly string[]): string {
  return createHash('sha256').update(productIds.join('\n')).digest('hex');
}

function checkVocabulary(
  folder: string,
  { vocab }: TensorsManifest,
  products: TensorFile<typeof productEntities.columns>,
): void {
  const refuse = (what: string): never => {
    throw new InputError({
      what,
      where: { file: join(folder, productEntities.file) },
      remedy: `run ${MADE_BY} again`,
    });
  };
  if (products.rows !== vocab.size)
    refuse(`has ${products.rows} rows, the manifest says ${vocab.size} tokens`);
  const { product_id } = products.read(1, vocab.products + 1, { columns: ['product_id'] }).columns;
  if (vocabularyHash(product_id) !== vocab.sha256) refuse('holds another vocabulary than the manifest');
}

type Open = <C extends Columns>(table: TableDefinition<C>) => TensorFile<C>;
type PageRows = (table: TableDefinition, rows: number) => number | 'all';

const SAMPLE_COLUMNS = [
  'basket_id',
  'customer_row',
  'state_row',
  'timeline_pos',
  'store_row',
  'week',
  'date',
  'hour',
  'recency_days',
  'label_type',
  'label_focus',
  'label_sensitivity',
  'label_size',
  'tokens',
  'price_rows',
  'flags',
] as const;

/** The three sample files as one, addressed by `basket_row`. */
function openSamples({ split }: TensorsManifest, open: Open, pageRows: PageRows): Samples {
  const parts = SPLITS.map((name) => {
    const table = sampleTables[name];
    const page = pagedColumns(open(table), SAMPLE_COLUMNS, pageRows(table, PAGE_ROWS.samples));
    return { firstRow: split.firstRow[name], page };
  });
  const [train, val, test] = parts;
  if (train === undefined || val === undefined || test === undefined) throw new Error('a split is missing');
  type Columns = ReturnType<typeof train.page>['columns'];
  type NumberName = Exclude<keyof Columns, 'tokens' | 'price_rows'>;
  type ListName = 'tokens' | 'price_rows';
  const partOf = (row: number) => (row < val.firstRow ? train : row < test.firstRow ? val : test);
  const number =
    (name: NumberName): NumberColumn =>
    (row) => {
      const { firstRow, page } = partOf(row);
      const { start, columns } = page(row - firstRow);
      return columns[name][row - firstRow - start] ?? 0;
    };
  const list =
    (name: ListName): ListColumn =>
    (row) => {
      const { firstRow, page } = partOf(row);
      const { start, columns } = page(row - firstRow);
      return listRow(columns[name], row - firstRow - start);
    };
  return {
    rows: split.baskets.train + split.baskets.val + split.baskets.test,
    basketId: number('basket_id'),
    customerRow: number('customer_row'),
    stateRow: number('state_row'),
    timelinePosition: number('timeline_pos'),
    storeRow: number('store_row'),
    week: number('week'),
    date: number('date'),
    hour: number('hour'),
    recencyDays: number('recency_days'),
    labelType: number('label_type'),
    labelFocus: number('label_focus'),
    labelSensitivity: number('label_sensitivity'),
    labelSize: number('label_size'),
    flags: number('flags'),
    tokens: list('tokens'),
    priceRows: list('price_rows'),
  };
}

function listRow(
  { offsets, values }: { readonly offsets: Int32Array; readonly values: Uint16Array | Uint32Array },
  row: number,
): Uint16Array | Uint32Array {
  return values.subarray(offsets[row] ?? 0, offsets[row + 1] ?? 0);
}

function openStates(
  file: TensorFile<typeof customerStateEntities.columns>,
  pageRows: number | 'all',
): CustomerStates {
  const page = pagedColumns(
    file,
    ['n_trips', 'history', 'loyalty', 'switching', 'region_diversity', 'primary_store_row', 'mission_prior'],
    pageRows,
  );
  type Columns = ReturnType<typeof page>['columns'];
  type NumberName = Exclude<keyof Columns, 'history' | 'mission_prior'>;
  const number =
    (name: NumberName): NumberColumn =>
    (row) => {
      const { start, columns } = page(row);
      return columns[name][row - start] ?? 0;
    };
  const vector = (name: 'history' | 'mission_prior', size: number) => (row: number) => {
    const { start, columns } = page(row);
    return columns[name].subarray((row - start) * size, (row - start + 1) * size);
  };
  return {
    trips: number('n_trips'),
    history: vector('history', 96),
    loyalty: number('loyalty'),
    switching: number('switching'),
    regions: number('region_diversity'),
    primaryStoreRow: number('primary_store_row'),
    missionPrior: vector('mission_prior', 15),
  };
}

function openPrices(file: TensorFile<typeof priceEntities.columns>, pageRows: number | 'all'): Prices {
  const page = pagedColumns(
    file,
    ['product_row', 'store_row', 'week', 'actual', 'base', 'category_avg', 'prior'],
    pageRows,
  );
  const number =
    (name: keyof ReturnType<typeof page>['columns']): NumberColumn =>
    (row) => {
      const { start, columns } = page(row);
      return columns[name][row - start] ?? 0;
    };
  return {
    rows: file.rows,
    productRow: number('product_row'),
    storeRow: number('store_row'),
    week: number('week'),
    actual: number('actual'),
    base: number('base'),
    categoryAverage: number('category_avg'),
    prior: number('prior'),
  };
}

function readProducts(file: TensorFile<typeof productEntities.columns>): TensorTables['products'] {
  const { t2, typical_price, prod10 } = file.read(0, file.rows, {
    columns: ['t2', 'typical_price', 'prod10'],
  }).columns;
  return { embeddings: t2, typicalPrice: typical_price, category: categoryCodes(prod10) };
}

/** Place of each product's category in ascending order, from 0; products without one get a place of their own. */
export function categoryCodes(prod10: readonly string[]): Uint16Array {
  const categories = [...new Set(prod10)].filter((code) => code !== '').sort();
  const places = new Map(categories.map((code, place) => [code, place]));
  return Uint16Array.from(prod10, (code) => places.get(code) ?? categories.length);
}

function readStores(file: TensorFile<typeof storeEntities.columns>): TensorTables['stores'] {
  const { t5, primary_store } = file.read(0, file.rows, { columns: ['t5', 'primary_store'] }).columns;
  return { t5, primaryStore: primary_store };
}

function readShopWeeks(file: TensorFile<typeof calendarEntities.columns>): (week: number) => number {
  const { shop_week, week } = file.read(0, file.rows, { columns: ['shop_week', 'week'] }).columns;
  const byWeek = new Map(Array.from(week, (position, row) => [position, shop_week[row] ?? 0]));
  return (position) => byWeek.get(position) ?? 0;
}

function readCategoryAverages(
  file: TensorFile<typeof categoryPriceEntities.columns>,
): (category: number, week: number) => number {
  const { week, category, average } = file.read(0, file.rows).columns;
  const byKey = new Map(
    Array.from(average, (value, row) => [(week[row] ?? 0) * 65536 + (category[row] ?? 0), value]),
  );
  return (code, position) => byKey.get(position * 65536 + code) ?? 0;
}

/** Items of every basket of a split, a record batch at a time: the plan of an epoch needs nothing else. */
function itemCounts(folder: string, split: SplitName): Uint16Array {
  const table = sampleTables[split];
  using file = openTensorFile(join(folder, table.file), table);
  const counts = new Uint16Array(file.rows);
  for (const [index, from] of file.batchStarts.entries()) {
    const to = file.batchStarts[index + 1] ?? file.rows;
    const { offsets } = file.read(from, to, { columns: ['tokens'] }).columns.tokens;
    for (let row = from; row < to; row++) {
      counts[row] = Math.min((offsets[row - from + 1] ?? 0) - (offsets[row - from] ?? 0), 65535);
    }
  }
  return counts;
}

function readPairs(folder: string, split: SplitName): PairColumns {
  const table = pairTables[split];
  using file = openTensorFile(join(folder, table.file), table);
  const { input_row, target_row, week_gap, day_gap } = file.read(0, file.rows).columns;
  return { rows: file.rows, inputRow: input_row, targetRow: target_row, weekGap: week_gap, dayGap: day_gap };
}
