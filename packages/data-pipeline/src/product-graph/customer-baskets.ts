import type { DuckDBConnection } from '@duckdb/node-api';
import { parquet } from '../engine/sql.js';
import { streamNumbers } from '../engine/typed-chunk.js';

/** Known customers of one product, ascending, and in how many of their baskets it is. */
export interface ProductCustomers {
  readonly product: number;
  readonly customers: Uint32Array;
  readonly baskets: Uint32Array;
}

/** The products of one sub-commodity after the other, each with its customers, over the fit window. */
export async function* streamCategories(
  connection: DuckDBConnection,
  lines: string,
  fitThroughWeek: number,
): AsyncGenerator<readonly ProductCustomers[]> {
  const sql = `SELECT category, product, customer, count(*)::UINTEGER AS baskets FROM (
      SELECT DISTINCT categories.code AS category, product, customer, week_idx, shop_date, shop_hour, basket_id, store
      FROM ${parquet(lines)} JOIN categories USING (product)
      WHERE customer IS NOT NULL AND week_idx <= ${fitThroughWeek})
    GROUP BY category, product, customer ORDER BY category, product, customer`;
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
