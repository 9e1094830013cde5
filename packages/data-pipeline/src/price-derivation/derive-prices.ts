import type { DuckDBConnection } from '@duckdb/node-api';
import type { PriceContext } from './parameters.js';
import {
  INVALID_REASONS,
  type InvalidReason,
  type ProductLines,
  priceCells,
  weighedPrice,
} from './price-cells.js';
import { productFallbacks } from './price-fallbacks.js';
import {
  openPriceTables,
  type PriceRowCounts,
  type PriceTables,
  type PriceTablesOptions,
  type ProductPrices,
} from './price-rows.js';
import { priceSeries } from './price-series.js';
import { streamProducts } from './stream-products.js';

export interface PriceSummary extends Readonly<PriceRowCounts> {
  readonly products: number;
  readonly weighedProducts: number;
  /** Lines that say nothing about a price, by reason. */
  readonly invalid: Readonly<Record<InvalidReason, number>>;
}

/** Stage 1 for one product: a pure function of its lines. */
export function deriveProductPrices(lines: ProductLines, context: PriceContext): ProductPrices {
  const cells = priceCells(lines, context);
  const weighed = context.compat ? undefined : weighedPrice(cells);
  const series = priceSeries(cells, weighed, context);
  return { cells, series, fallbacks: productFallbacks(cells, series, context), weighed };
}

export interface DerivePricesOptions extends PriceTablesOptions {
  /** transactions.parquet */
  readonly lines: string;
  readonly context: PriceContext;
  /** A second connection: the first one streams the lines meanwhile. */
  readonly reader: DuckDBConnection;
  readonly onLines?: (lines: number) => void;
}

/** Stage 1 (spec section 2 §1): product by product, in order, with the memory of the largest product. */
export async function derivePrices(
  options: DerivePricesOptions,
): Promise<{ readonly tables: PriceTables; readonly summary: PriceSummary }> {
  const { lines, context, reader, onLines } = options;
  const tables = await openPriceTables(options);
  const counts: PriceRowCounts = { observed: 0, imputed: 0, unresolved: 0, promotions: 0 };
  const invalid = { nonpositive_qty: 0, nonpositive_spend: 0, below_min: 0, above_max: 0 };
  let products = 0;
  let weighedProducts = 0;
  for await (const product of streamProducts(reader, lines)) {
    const prices = deriveProductPrices(product, context);
    await tables.append(prices, context, counts);
    for (const reason of INVALID_REASONS) invalid[reason] += prices.cells.invalid[reason];
    products += 1;
    weighedProducts += prices.weighed === undefined ? 0 : 1;
    onLines?.(product.lines);
  }
  return { tables, summary: { ...counts, products, weighedProducts, invalid } };
}
