import type { DuckDBConnection } from '@duckdb/node-api';
import { parquet } from '../engine/sql.js';
import { streamNumbers } from '../engine/typed-chunk.js';

/** The distinct products of a basket, ascending: `products[from]` up to `products[to]`. */
export type OnBasket = (
  products: Uint32Array,
  from: number,
  to: number,
  isKnownCustomer: boolean,
  basketId: number,
) => void;

/**
 * Calls `onBasket` for every basket of the fit window. The lines of a basket are adjacent in transactions.parquet and
 * ascend by product, so no basket is ever sorted or kept.
 */
export async function forEachBasket(
  connection: DuckDBConnection,
  lines: string,
  fitThroughWeek: number,
  onBasket: OnBasket,
): Promise<void> {
  const sql = `SELECT basket_id::DOUBLE, product, store, coalesce(customer::DOUBLE, -1), (week_idx * 24 + shop_hour)::INTEGER
    FROM ${parquet(lines)} WHERE week_idx <= ${fitThroughWeek}`;
  let buffer = new Uint32Array(1024);
  let size = 0;
  let basket = Number.NaN;
  let store = -1;
  let customer = -1;
  let time = -1;
  const end = () => {
    if (size > 0) onBasket(buffer, 0, size, customer >= 0, basket);
    size = 0;
  };
  for await (const { rows, columns } of streamNumbers(connection, sql)) {
    const [basketOf, productOf, storeOf, customerOf, timeOf] = columns;
    if (!basketOf || !productOf || !storeOf || !customerOf || !timeOf)
      throw new TypeError('the query lacks a column');
    for (let row = 0; row < rows; row += 1) {
      const isSame =
        basketOf[row] === basket &&
        storeOf[row] === store &&
        customerOf[row] === customer &&
        timeOf[row] === time;
      if (!isSame) {
        end();
        basket = basketOf[row] ?? 0;
        store = storeOf[row] ?? 0;
        customer = customerOf[row] ?? 0;
        time = timeOf[row] ?? 0;
      }
      const product = productOf[row] ?? 0;
      // A product twice in a basket counts once.
      if (size > 0 && buffer[size - 1] === product) continue;
      if (size === buffer.length) {
        const larger = new Uint32Array(2 * size);
        larger.set(buffer);
        buffer = larger;
      }
      buffer[size] = product;
      size += 1;
    }
  }
  end();
}
