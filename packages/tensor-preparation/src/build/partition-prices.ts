// Prices of the features, sorted by (week, store, product) for the tensors.

import { join } from 'node:path';
import { readTable, type Upstream } from '@retail-sim/artifacts';
import { InputError } from '@retail-sim/errors';
import { priceFeatures } from '@retail-sim/feature-engineering/schemas';
import { PRIOR_SOURCES } from '../schemas/entities.js';
import { dictionaryRows } from './dictionary-rows.js';
import { type WeekPartitions, weekPartitions } from './week-partitions.js';

/** product u16, store u16, p, b, c, q float32, source u8, three bytes of padding. */
const RECORD_BYTES = 24;

export interface PricePartitions extends Disposable {
  weeks(): number[];
  /** Prices of a week, ascending by store, then product. */
  read(week: number): WeekPrices;
  /** Mean price of a category before a week, by week * 65536 + category. */
  readonly categoryAverages: ReadonlyMap<number, number>;
}

export interface WeekPrices {
  readonly rows: number;
  readonly productRow: Uint16Array;
  readonly storeRow: Uint16Array;
  readonly actual: Float32Array;
  readonly base: Float32Array;
  readonly category: Float32Array;
  readonly prior: Float32Array;
  readonly priorSource: Uint8Array;
  /** `[stores + 2]`: prices of store row `s` are `storeStarts[s]` up to `storeStarts[s + 1]`. */
  readonly storeStarts: Uint32Array;
}

/** Rows of ids: token of a product, row of a store. */
export interface IdRows {
  readonly tokens: ReadonlyMap<string, number>;
  readonly storeRows: ReadonlyMap<string, number>;
  /** Category of each token. */
  readonly categories: Uint16Array;
}

/** Streams the price features once and partitions them by week. */
export async function partitionPrices(
  features: Upstream,
  { tokens, storeRows, categories }: IdRows,
  scratchFolder: string,
): Promise<PricePartitions> {
  const path = features.path(priceFeatures);
  const partitions = weekPartitions(join(scratchFolder, 'prices.scratch'), RECORD_BYTES);
  const categoryAverages = new Map<number, number>();
  const columns = [
    'product_id',
    'store_id',
    'week_idx',
    'actual_price',
    'base_price',
    'category_price',
    'prior_price',
    'category_source',
    'prior_source',
  ] as const;
  const tokenOf = dictionaryRows(tokens);
  const storeOf = dictionaryRows(storeRows);
  const sourceOf = dictionaryRows(new Map(PRIOR_SOURCES.map((source, code) => [source, code])));
  try {
    let line = 0;
    for await (const batch of readTable(path, priceFeatures, { columns })) {
      const { product_id, store_id, week_idx, category_source, prior_source, ...prices } = batch.columns;
      const subCommodity = category_source.values.indexOf('sub_commodity');
      for (let row = 0; row < batch.rows; row++) {
        line++;
        const token = tokenOf(product_id, row);
        const store = storeOf(store_id, row);
        if (token === undefined || store === undefined) throw foreign(path, line, token === undefined);
        const week = week_idx[row] ?? 0;
        const { view, offset } = partitions.place(week);
        view.setUint16(offset, token, true);
        view.setUint16(offset + 2, store, true);
        view.setFloat32(offset + 4, prices.actual_price[row] ?? 0, true);
        view.setFloat32(offset + 8, prices.base_price[row] ?? 0, true);
        view.setFloat32(offset + 12, prices.category_price[row] ?? 0, true);
        view.setFloat32(offset + 16, prices.prior_price[row] ?? 0, true);
        view.setUint8(offset + 20, sourceOf(prior_source, row) ?? 0);
        if (category_source.codes[row] === subCommodity) {
          categoryAverages.set(week * 65536 + (categories[token] ?? 0), prices.category_price[row] ?? 0);
        }
      }
    }
  } catch (error) {
    partitions[Symbol.dispose]();
    throw error;
  }
  return {
    weeks: partitions.weeks,
    read: (week) => sortByStore(partitions, week, storeRows.size, path),
    categoryAverages,
    [Symbol.dispose]: partitions[Symbol.dispose],
  };
}

function foreign(path: string, line: number, isProduct: boolean): InputError {
  return new InputError({
    what: `has a ${isProduct ? 'product' : 'store'} that the data pipeline does not know`,
    where: { file: path, line, column: isProduct ? 'product_id' : 'store_id' },
    remedy: 'run retail-feature-engineering again, then this command',
  });
}

/** Records arrive by (product, store): a stable counting sort by store orders them by (store, product). */
function sortByStore(partitions: WeekPartitions, week: number, stores: number, path: string): WeekPrices {
  const { view, records } = partitions.read(week);
  const starts = new Uint32Array(stores + 2);
  for (let record = 0; record < records; record++) {
    const store = view.getUint16(record * RECORD_BYTES + 2, true);
    starts[store + 1] = (starts[store + 1] ?? 0) + 1;
  }
  for (let store = 1; store < starts.length; store++)
    starts[store] = (starts[store] ?? 0) + (starts[store - 1] ?? 0);
  const next = starts.slice();
  const sorted: WeekPrices = {
    rows: records,
    productRow: new Uint16Array(records),
    storeRow: new Uint16Array(records),
    actual: new Float32Array(records),
    base: new Float32Array(records),
    category: new Float32Array(records),
    prior: new Float32Array(records),
    priorSource: new Uint8Array(records),
    storeStarts: starts,
  };
  for (let record = 0; record < records; record++) {
    const offset = record * RECORD_BYTES;
    const store = view.getUint16(offset + 2, true);
    const row = next[store] ?? 0;
    next[store] = row + 1;
    sorted.productRow[row] = view.getUint16(offset, true);
    sorted.storeRow[row] = store;
    sorted.actual[row] = view.getFloat32(offset + 4, true);
    sorted.base[row] = view.getFloat32(offset + 8, true);
    sorted.category[row] = view.getFloat32(offset + 12, true);
    sorted.prior[row] = view.getFloat32(offset + 16, true);
    sorted.priorSource[row] = view.getUint8(offset + 20);
    const before = row > (starts[store] ?? 0) ? (sorted.productRow[row - 1] ?? 0) : -1;
    if (before >= (sorted.productRow[row] ?? 0)) {
      throw new InputError({
        what: `holds two prices of a product in one store and week, or is not sorted by product (calendar week ${week})`,
        where: { file: path },
        remedy: 'run retail-feature-engineering again',
      });
    }
  }
  return sorted;
}
