import type { DuckDBConnection } from '@duckdb/node-api';
import { parquet } from '../engine/sql.js';
import { streamNumbers, type TypedArray } from '../engine/typed-chunk.js';
import type { CustomerVisits } from './customer-visits.js';

/** Known customers one after the other, ascending, each with all visits in time order. */
export async function* streamCustomers(
  connection: DuckDBConnection,
  baskets: string,
): AsyncGenerator<CustomerVisits> {
  const label = (name: string) => `coalesce(${name}::SMALLINT, -1::SMALLINT)`;
  const sql = `SELECT customer, week_idx, week, store, quantity::DOUBLE, spend_pence::DOUBLE, ${label('basket_size')},
      ${label('basket_price_sensitivity')}, ${label('basket_type')}, ${label('basket_dominant_mission')}
    FROM ${parquet(baskets)} WHERE customer IS NOT NULL
    ORDER BY customer, week_idx, shop_date, shop_hour, basket_id, store`;
  const buffer = new VisitBuffer();
  for await (const { rows, columns } of streamNumbers(connection, sql)) {
    const customer = columns[0];
    if (customer === undefined) throw new TypeError('the query lacks a column');
    let from = 0;
    for (let row = 1; row <= rows; row += 1) {
      if (row < rows && customer[row] === customer[from]) continue;
      if (buffer.visits > 0 && buffer.customer !== customer[from]) yield buffer.take();
      buffer.add(customer[from] ?? 0, columns.slice(1), from, row);
      from = row;
    }
  }
  if (buffer.visits > 0) yield buffer.take();
}

/** Visits of one customer; grows to those of the busiest and is used again. */
class VisitBuffer {
  customer = -1;
  visits = 0;
  private capacity = 1024;
  private columns = createColumns(1024);

  add(customer: number, columns: readonly TypedArray[], from: number, to: number): void {
    const end = this.visits + to - from;
    if (end > this.capacity) this.grow(end);
    this.customer = customer;
    for (const [index, column] of Object.values(this.columns).entries()) {
      const source = columns[index];
      if (source !== undefined) column.set(source.subarray(from, to), this.visits);
    }
    this.visits = end;
  }

  /** Views that hold until the next `add`. */
  take(): CustomerVisits {
    const { customer, visits } = this;
    this.visits = 0;
    const { week, shopWeek, store, units, spendPence, size, sensitivity, type, focus } = this.columns;
    return {
      customer,
      visits,
      week: week.subarray(0, visits),
      shopWeek: shopWeek.subarray(0, visits),
      store: store.subarray(0, visits),
      units: units.subarray(0, visits),
      spendPence: spendPence.subarray(0, visits),
      size: size.subarray(0, visits),
      sensitivity: sensitivity.subarray(0, visits),
      type: type.subarray(0, visits),
      focus: focus.subarray(0, visits),
    };
  }

  private grow(size: number): void {
    const before = Object.values(this.columns);
    this.capacity = 2 ** Math.ceil(Math.log2(size));
    this.columns = createColumns(this.capacity);
    for (const [index, column] of Object.values(this.columns).entries()) column.set(before[index] ?? []);
  }
}

/** In the order of the query. */
function createColumns(capacity: number) {
  return {
    week: new Int16Array(capacity),
    shopWeek: new Int32Array(capacity),
    store: new Uint32Array(capacity),
    units: new Float64Array(capacity),
    spendPence: new Float64Array(capacity),
    size: new Int16Array(capacity),
    sensitivity: new Int16Array(capacity),
    type: new Int16Array(capacity),
    focus: new Int16Array(capacity),
  };
}
