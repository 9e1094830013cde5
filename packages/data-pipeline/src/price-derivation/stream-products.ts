import type { DuckDBConnection } from '@duckdb/node-api';
import { parquet } from '../engine/sql.js';
import { streamNumbers } from '../engine/typed-chunk.js';
import type { ProductLines } from './price-cells.js';

/** Lines of one product after the other, each ascending by (store, week); the engine sorts, out of memory if need be. */
export async function* streamProducts(
  connection: DuckDBConnection,
  lines: string,
): AsyncGenerator<ProductLines> {
  const sql = `SELECT product, store, week_idx, quantity, spend_pence::DOUBLE FROM ${parquet(lines)}
    ORDER BY product, store, week_idx`;
  const buffer = new LineBuffer();
  for await (const { rows, columns } of streamNumbers(connection, sql)) {
    const [product, store, week, quantity, spend] = columns;
    if (!product || !store || !week || !quantity || !spend) throw new TypeError('the query lacks a column');
    let from = 0;
    for (let row = 1; row <= rows; row += 1) {
      if (row < rows && product[row] === product[from]) continue;
      if (buffer.lines > 0 && buffer.product !== product[from]) yield buffer.take();
      buffer.add(
        product[from] ?? 0,
        store.subarray(from, row),
        week.subarray(from, row),
        quantity.subarray(from, row),
        spend.subarray(from, row),
      );
      from = row;
    }
  }
  if (buffer.lines > 0) yield buffer.take();
}

/** Grows to the lines of the largest product and is used again for the next. */
class LineBuffer {
  product = -1;
  lines = 0;
  private store = new Uint32Array(4096);
  private week = new Int16Array(4096);
  private quantity = new Float64Array(4096);
  private spendPence = new Float64Array(4096);

  add(
    product: number,
    store: ArrayLike<number>,
    week: ArrayLike<number>,
    quantity: ArrayLike<number>,
    spend: ArrayLike<number>,
  ): void {
    const end = this.lines + store.length;
    if (end > this.store.length) this.grow(end);
    this.product = product;
    this.store.set(store, this.lines);
    this.week.set(week, this.lines);
    this.quantity.set(quantity, this.lines);
    this.spendPence.set(spend, this.lines);
    this.lines = end;
  }

  /** Views that hold until the next `add`. */
  take(): ProductLines {
    const { product, lines } = this;
    this.lines = 0;
    return {
      product,
      lines,
      store: this.store.subarray(0, lines),
      week: this.week.subarray(0, lines),
      quantity: this.quantity.subarray(0, lines),
      spendPence: this.spendPence.subarray(0, lines),
    };
  }

  private grow(size: number): void {
    const capacity = 2 ** Math.ceil(Math.log2(size));
    const { store, week, quantity, spendPence } = this;
    this.store = new Uint32Array(capacity);
    this.week = new Int16Array(capacity);
    this.quantity = new Float64Array(capacity);
    this.spendPence = new Float64Array(capacity);
    this.store.set(store);
    this.week.set(week);
    this.quantity.set(quantity);
    this.spendPence.set(spendPence);
  }
}
