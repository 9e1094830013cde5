import type { DuckDBConnection } from '@duckdb/node-api';
import { parquet } from '../engine/sql.js';
import { readNumber, streamNumbers } from '../engine/typed-chunk.js';

/** Known customers of one product, ascending, and in how many of their baskets it is. */
export interface ProductCustomers {
  readonly product: number;
  readonly customers: Uint32Array;
  readonly baskets: Uint32Array;
}

export interface CategoryStreamOptions {
  readonly connection: DuckDBConnection;
  /** transactions.parquet and baskets.parquet; the table categories stands in the engine. */
  readonly lines: string;
  readonly baskets: string;
  readonly fitThroughWeek: number;
}

/** The products of one sub-commodity after the other, each with its customers, over the fit window. */
export async function* streamCategories(
  options: CategoryStreamOptions,
): AsyncGenerator<readonly ProductCustomers[]> {
  const { connection, lines, fitThroughWeek } = options;
  const known = `${parquet(lines)} JOIN categories USING (product)
    WHERE customer IS NOT NULL AND week_idx <= ${fitThroughWeek}`;
  // A product twice in a basket counts once; where that never happens, a line is a basket.
  const visits = (await hasRepeatedProducts(options))
    ? `(SELECT DISTINCT categories.code, product, customer, week_idx, shop_date, shop_hour, basket_id, store FROM ${known})`
    : `(SELECT categories.code, product, customer FROM ${known})`;
  const sql = `SELECT code, product, customer, count(*)::UINTEGER AS baskets FROM ${visits}
    GROUP BY code, product, customer ORDER BY code, product, customer`;
  let category = -1;
  let products: { product: number; customers: number[]; baskets: number[] }[] = [];
  const finish = () =>
    products.map(({ product, customers, baskets }) => ({
      product,
      customers: Uint32Array.from(customers),
      baskets: Uint32Array.from(baskets),
    }));
  for await (const { rows, columns } of streamNumbers(connection, sql)) {
    const [categoryOf, productOf, customerOf, basketsOf] = columns;
    if (!categoryOf || !productOf || !customerOf || !basketsOf)
      throw new TypeError('the query lacks a column');
    for (let row = 0; row < rows; row += 1) {
      if (categoryOf[row] !== category) {
        if (products.length > 0) yield finish();
        products = [];
        category = categoryOf[row] ?? 0;
      }
      const product = productOf[row] ?? 0;
      let current = products.at(-1);
      if (current?.product !== product) {
        current = { product, customers: [], baskets: [] };
        products.push(current);
      }
      current.customers.push(customerOf[row] ?? 0);
      current.baskets.push(basketsOf[row] ?? 0);
    }
  }
  if (products.length > 0) yield finish();
}

async function hasRepeatedProducts({ connection, baskets }: CategoryStreamOptions): Promise<boolean> {
  const repeated = await readNumber(
    connection,
    `SELECT count(*) FROM ${parquet(baskets)} WHERE lines <> products`,
  );
  return repeated > 0;
}
