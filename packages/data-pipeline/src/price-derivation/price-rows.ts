import type { DuckDBConnection } from '@duckdb/node-api';
import { createEnum, createEnumFrom } from '../engine/enum-types.js';
import { openTableParts, type TableParts } from '../engine/table-parts.js';
import { priceFallbacksP, priceFallbacksPrw, priceFallbacksPs, pricesDerived } from '../schemas/prices.js';
import type { PriceContext } from './parameters.js';
import type { PriceCells } from './price-cells.js';
import {
  askWaterfall,
  IMPUTATION_METHODS,
  type ProductFallbacks,
  regionOfKey,
  weekOfKey,
} from './price-fallbacks.js';
import { IMPUTED_QUALITY, PRICE_FLAGS, type PriceSeries, THIN_COUNT } from './price-series.js';

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
  readonly partRows: number;
  /** Text of each region code. */
  readonly regions: readonly string[];
}

export async function openPriceTables(options: PriceTablesOptions): Promise<PriceTables> {
  const { connection, scratch, partRows, regions } = options;
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
  const open = { connection, scratch, partRows };
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
      select: `* REPLACE (nullif(region::VARCHAR, '') AS region, nullif(pack_value, 'NaN'::DOUBLE) AS pack_value),
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
  const { cells, series, fallbacks, weighed } = prices;
  const size = cells.cells;
  const actual = series.actual.slice();
  const base = series.base.slice();
  const discountRaw = series.discountRaw.slice();
  const discount = series.discount.slice();
  const quality = series.quality.slice();
  const method = new Uint8Array(size);
  const keep = new Uint32Array(size);
  let kept = 0;
  for (let cell = 0; cell < size; cell += 1) {
    if ((cells.count[cell] ?? 0) > 0) {
      counts.observed += 1;
      counts.promotions += series.promo[cell] ?? 0;
      keep[kept] = cell;
      kept += 1;
      continue;
    }
    if (context.compat) continue;
    const store = cells.store[cell] ?? 0;
    const found = askWaterfall(fallbacks, store, context.regionOfStore[store] ?? -1, cells.week[cell] ?? 0);
    if (found === undefined) {
      counts.unresolved += 1;
      continue;
    }
    counts.imputed += 1;
    actual[cell] = found.price.actual;
    base[cell] = Math.max(found.price.base, found.price.actual);
    const raw = 1 - found.price.actual / (base[cell] ?? 1);
    discountRaw[cell] = raw;
    discount[cell] = Math.min(Math.max(raw, 0), context.parameters.maxDiscountDepth);
    quality[cell] = IMPUTED_QUALITY;
    method[cell] = found.method;
    series.promo[cell] = (discount[cell] ?? 0) > context.parameters.discountThreshold + 1e-9 ? 1 : 0;
    series.flags[cell] = weighed === undefined ? 0 : 1 << PRICE_FLAGS.indexOf('variable_weight');
    keep[kept] = cell;
    kept += 1;
  }
  const chosen = keep.subarray(0, kept);
  const pick = <T>(values: ArrayLike<number>, make: (length: number) => T & { [row: number]: number }): T => {
    const result = make(kept);
    for (let row = 0; row < kept; row += 1) result[row] = values[chosen[row] ?? 0] ?? 0;
    return result;
  };
  const doubles = (values: ArrayLike<number>) => pick(values, (length) => new Float64Array(length));
  const small = (values: ArrayLike<number>) => pick(values, (length) => new Uint8Array(length));
  const store = pick(cells.store, (length) => new Uint32Array(length));
  const week = pick(cells.week, (length) => new Int16Array(length));
  await table.append(
    [
      new Uint32Array(kept).fill(cells.product),
      store,
      Int32Array.from(week, (index) => context.weekOfIndex[index] ?? 0),
      week,
      Uint32Array.from(store, (code) => (context.regionOfStore[code] ?? -1) + 1),
      doubles(actual),
      doubles(base),
      doubles(discount),
      small(series.promo),
      small(method),
      doubles(quality),
      small(series.flags),
      pick(cells.count, (length) => new Uint32Array(length)),
      doubles(cells.quantity),
      doubles(cells.spendPence).map((pence) => pence / 100),
      doubles(cells.deviation),
      small(series.baseWeeks),
      doubles(discountRaw),
      weighed === undefined ? new Float64Array(kept).fill(Number.NaN) : doubles(cells.median),
    ],
    kept,
  );
}

async function appendFallbacks(
  parts: PriceTables['parts'],
  { cells, fallbacks, weighed }: ProductPrices,
  context: PriceContext,
): Promise<void> {
  const { byStore, byRegionWeek, all } = fallbacks;
  const level = (prices: readonly { actual: number; base: number; cells: number }[]) => [
    Float64Array.from(prices, ({ actual }) => actual),
    Float64Array.from(prices, ({ base }) => base),
    Uint32Array.from(prices, (price) => price.cells),
  ];
  const product = (rows: number) => new Uint32Array(rows).fill(cells.product);
  await parts.ps.append(
    [product(byStore.size), Uint32Array.from(byStore.keys()), ...level([...byStore.values()])],
    byStore.size,
  );
  const keys = [...byRegionWeek.keys()];
  await parts.prw.append(
    [
      product(keys.length),
      Uint32Array.from(keys, (key) => regionOfKey(key) + 1),
      Int32Array.from(keys, (key) => context.weekOfIndex[weekOfKey(key)] ?? 0),
      Int16Array.from(keys, weekOfKey),
      ...level([...byRegionWeek.values()]),
    ],
    keys.length,
  );
  if (all !== undefined)
    await parts.p.append([product(1), ...level([all]), Uint8Array.of(weighed === undefined ? 0 : 1)], 1);
}
