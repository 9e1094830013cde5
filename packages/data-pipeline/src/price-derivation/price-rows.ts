import type { DuckDBConnection } from '@duckdb/node-api';
import { createEnum, createEnumFrom } from '../engine/enum-types.js';
import { openTableParts, type TableParts } from '../engine/table-parts.js';
import { priceFallbacksP, priceFallbacksPrw, priceFallbacksPs, pricesDerived } from '../schemas/prices.js';
import type { PriceContext } from './parameters.js';
import type { PriceCells } from './price-cells.js';
import {
  askWaterfall,
  type FallbackLevel,
  IMPUTATION_METHODS,
  type ProductFallbacks,
  regionOfKey,
  weekOfKey,
} from './price-fallbacks.js';
import {
  IMPUTED_QUALITY,
  PRICE_FLAGS,
  type PriceSeries,
  THIN_COUNT,
  THRESHOLD_MARGIN,
} from './price-series.js';

/** Everything stage 1 found out about one product. */
export interface ProductPrices {
  readonly cells: PriceCells;
  readonly series: PriceSeries;
  readonly fallbacks: ProductFallbacks;
  readonly weighed: number | undefined;
}

export interface PriceRowCounts {
  observed: number;
  imputed: number;
  unresolved: number;
  promotions: number;
}

/** The four tables of stage 1, appended product by product. */
export interface PriceTables {
  append(prices: ProductPrices, context: PriceContext, counts: PriceRowCounts): Promise<void>;
  readonly parts: Readonly<Record<'prices' | 'ps' | 'prw' | 'p', TableParts>>;
}

export interface PriceTablesOptions {
  readonly connection: DuckDBConnection;
  readonly scratch: string;
  readonly partBytes: number;
  /** Text of each region code. */
  readonly regions: readonly string[];
}

export async function openPriceTables(options: PriceTablesOptions): Promise<PriceTables> {
  const { connection, scratch, partBytes, regions } = options;
  const product = await createEnumFrom(
    connection,
    'price_product',
    'SELECT product_id FROM products ORDER BY code',
  );
  const store = await createEnumFrom(connection, 'price_store', 'SELECT store_id FROM stores ORDER BY code');
  // Code 0 stands for "no region".
  const region = await createEnum(connection, 'price_region', ['', ...regions]);
  const method = await createEnum(connection, 'price_method', IMPUTATION_METHODS);
  const flags = await createEnum(connection, 'price_flags', flagTexts());
  const open = { connection, scratch, partBytes };
  const level = [
    ['actual_price', 'DOUBLE'],
    ['base_price', 'DOUBLE'],
    ['cells', 'UINTEGER'],
  ] as const;
  const parts = {
    prices: await openTableParts(pricesDerived, {
      ...open,
      columns: [
        ['product_id', product],
        ['store_id', store],
        ['week', 'INTEGER'],
        ['week_idx', 'SMALLINT'],
        ['region', region],
        ['actual_price', 'DOUBLE'],
        ['base_price', 'DOUBLE'],
        ['discount_depth', 'DOUBLE'],
        ['promo_flag', 'UTINYINT'],
        ['imputation_method', method],
        ['quality_score', 'DOUBLE'],
        ['validation_flags', flags],
        ['transaction_count', 'UINTEGER'],
        ['total_quantity', 'DOUBLE'],
        ['total_spend', 'DOUBLE'],
        ['price_std', 'DOUBLE'],
        ['base_weeks', 'UTINYINT'],
        ['discount_raw', 'DOUBLE'],
        ['pack_value', 'DOUBLE'],
      ],
      select: `* REPLACE (CASE WHEN enum_code(region) > 0 THEN region END AS region, nullif(pack_value, 'NaN'::DOUBLE) AS pack_value),
        transaction_count < ${THIN_COUNT} AS thin`,
    }),
    ps: await openTableParts(priceFallbacksPs, {
      ...open,
      columns: [['product_id', product], ['store_id', store], ...level],
      select: '*',
    }),
    prw: await openTableParts(priceFallbacksPrw, {
      ...open,
      columns: [
        ['product_id', product],
        ['region', region],
        ['week', 'INTEGER'],
        ['week_idx', 'SMALLINT'],
        ...level,
      ],
      select: '*',
    }),
    p: await openTableParts(priceFallbacksP, {
      ...open,
      columns: [['product_id', product], ...level, ['weighed', 'UTINYINT']],
      select: '* EXCLUDE (weighed), weighed = 1 AS variable_weight',
    }),
  };
  return {
    parts,
    async append(prices, context, counts) {
      await appendPrices(parts.prices, prices, context, counts);
      await appendFallbacks(parts, prices, context);
    },
  };
}

/** Text of every combination of flags; the position is the sum of their bits. */
function flagTexts(): string[] {
  return Array.from({ length: 2 ** PRICE_FLAGS.length }, (_, bits) =>
    PRICE_FLAGS.filter((_flag, bit) => (bits & (1 << bit)) !== 0).join('|'),
  );
}

/** Rows in key order: observed prices, and prices from the waterfall for the keys that were sold without one. */
async function appendPrices(
  table: TableParts,
  prices: ProductPrices,
  context: PriceContext,
  counts: PriceRowCounts,
): Promise<void> {
  const { cells, weighed } = prices;
  const { series, method, chosen } = fillGaps(prices, context, counts);
  const rows = chosen?.length ?? cells.cells;
  const doubles = (values: Float64Array) => (chosen === undefined ? values : pick(values, chosen));
  const small = (values: Uint8Array) => (chosen === undefined ? values : pick(values, chosen));
  const store = chosen === undefined ? cells.store : pick(cells.store, chosen);
  const week = chosen === undefined ? cells.week : pick(cells.week, chosen);
  const shopWeek = new Int32Array(rows);
  const region = new Uint32Array(rows);
  const spend = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    shopWeek[row] = context.weekOfIndex[week[row] ?? 0] ?? 0;
    region[row] = (context.regionOfStore[store[row] ?? 0] ?? -1) + 1;
    spend[row] = (cells.spendPence[chosen?.[row] ?? row] ?? 0) / 100;
  }
  await table.append(
    [
      new Uint32Array(rows).fill(cells.product),
      store,
      shopWeek,
      week,
      region,
      doubles(series.actual),
      doubles(series.base),
      doubles(series.discount),
      small(series.promo),
      small(method),
      doubles(series.quality),
      small(series.flags),
      chosen === undefined ? cells.count : pick(cells.count, chosen),
      doubles(cells.quantity),
      spend,
      doubles(cells.deviation),
      small(series.baseWeeks),
      doubles(series.discountRaw),
      weighed === undefined ? new Float64Array(rows).fill(Number.NaN) : doubles(cells.median),
    ],
    rows,
  );
}

interface FilledSeries {
  readonly series: PriceSeries;
  /** Position in IMPUTATION_METHODS of each cell. */
  readonly method: Uint8Array;
  /** Cells that have a price, ascending; undefined: all of them. */
  readonly chosen: Uint32Array | undefined;
}

/** Asks the waterfall for the cells that were sold without a valid price; the reference leaves them out. */
function fillGaps(
  { cells, series, fallbacks, weighed }: ProductPrices,
  context: PriceContext,
  counts: PriceRowCounts,
): FilledSeries {
  const size = cells.cells;
  const method = new Uint8Array(size);
  let observed = 0;
  for (let cell = 0; cell < size; cell += 1) {
    if (cells.count[cell] === 0) continue;
    observed += 1;
    counts.promotions += series.promo[cell] ?? 0;
  }
  counts.observed += observed;
  if (observed === size) return { series, method, chosen: undefined };

  const { discountThreshold, maxDiscountDepth } = context.parameters;
  const filled: PriceSeries = {
    ...series,
    actual: series.actual.slice(),
    base: series.base.slice(),
    discountRaw: series.discountRaw.slice(),
    discount: series.discount.slice(),
    promo: series.promo.slice(),
    flags: series.flags.slice(),
    quality: series.quality.slice(),
  };
  const chosen = new Uint32Array(size);
  let kept = 0;
  for (let cell = 0; cell < size; cell += 1) {
    if (cells.count[cell] === 0) {
      if (context.compat) continue;
      const store = cells.store[cell] ?? 0;
      const region = context.regionOfStore[store] ?? -1;
      const found = askWaterfall(fallbacks, store, region, cells.week[cell] ?? 0);
      if (found === undefined) {
        counts.unresolved += 1;
        continue;
      }
      counts.imputed += 1;
      const { actual, base } = found.price;
      const raw = 1 - actual / base;
      const discount = Math.min(Math.max(raw, 0), maxDiscountDepth);
      filled.actual[cell] = actual;
      filled.base[cell] = base;
      filled.discountRaw[cell] = raw;
      filled.discount[cell] = discount;
      filled.promo[cell] = discount > discountThreshold + THRESHOLD_MARGIN ? 1 : 0;
      filled.flags[cell] = weighed === undefined ? 0 : 1 << PRICE_FLAGS.indexOf('variable_weight');
      filled.quality[cell] = IMPUTED_QUALITY;
      method[cell] = found.method;
    }
    chosen[kept] = cell;
    kept += 1;
  }
  return { series: filled, method, chosen: chosen.subarray(0, kept) };
}

function pick<T extends Float64Array | Uint8Array | Uint32Array | Int16Array>(
  values: T,
  chosen: Uint32Array,
): T;
function pick(values: Float64Array | Uint8Array | Uint32Array | Int16Array, chosen: Uint32Array) {
  const result = values.slice(0, chosen.length);
  for (let row = 0; row < chosen.length; row += 1) result[row] = values[chosen[row] ?? 0] ?? 0;
  return result;
}

async function appendFallbacks(
  parts: PriceTables['parts'],
  { cells, fallbacks, weighed }: ProductPrices,
  context: PriceContext,
): Promise<void> {
  const { byStore, byRegionWeek, all } = fallbacks;
  const product = (rows: number) => new Uint32Array(rows).fill(cells.product);
  const prices = (level: FallbackLevel) => [level.actual, level.base, level.cells];
  const stores = byStore.keys;
  await parts.ps.append([product(stores.length), stores, ...prices(byStore)], stores.length);
  const { keys } = byRegionWeek;
  const region = keys.map((key) => regionOfKey(key) + 1);
  const weekIdx = Int16Array.from(keys, weekOfKey);
  const week = keys.map((key) => context.weekOfIndex[weekOfKey(key)] ?? 0);
  await parts.prw.append([product(keys.length), region, week, weekIdx, ...prices(byRegionWeek)], keys.length);
  const isWeighed = Uint8Array.of(weighed === undefined ? 0 : 1);
  if (all.keys.length > 0) await parts.p.append([product(1), ...prices(all), isWeighed], 1);
}
