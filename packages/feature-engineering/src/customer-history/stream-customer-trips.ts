import type { DuckDBConnection } from '@duckdb/node-api';
import { type NumberArray, parquet, streamNumbers } from '../engine/stream-numbers.js';
import {
  BASKET_ATTRIBUTES,
  type BasketAttribute,
  type LabelPositions,
} from '../read-processed/read-labels.js';

/** All trips of one known customer in time order (CH-2). Views that hold until the next customer. */
export interface CustomerTrips {
  /** Row in `customers.parquet`. */
  readonly customer: number;
  readonly trips: number;
  /** Calendar position of each trip. Shape `[trips]`. */
  readonly weekIdx: Int16Array;
  /** Position of each trip's labels in `BASKET_LABELS`, -1 for an unknown one. Shape `[trips]` each. */
  readonly labels: Readonly<Record<BasketAttribute, Int8Array>>;
  /** Products of trip `t`: `products[starts[t]]` up to `products[starts[t + 1]]`. Shape `[trips + 1]`. */
  readonly starts: Uint32Array;
  /** Rows in `products.parquet`; each once a trip unless `keepRepeats`. */
  readonly products: Uint32Array;
}

export interface TripOrder {
  /** Columns that put the lines of a customer into order; ends with the order inside a basket. */
  readonly orderBy: string;
  /** Count a product that a basket lists twice twice. */
  readonly keepRepeats: boolean;
}

/** In time: day, hour, basket; products ascending, so that a basket's order of lines changes nothing. */
export const IN_TIME: TripOrder = {
  orderBy: 'week_idx, shop_date, shop_hour, basket_id, product',
  keepRepeats: false,
};
/** The reference: baskets of a week by their number, lines as in the input. */
export const AS_THE_REFERENCE: TripOrder = { orderBy: 'week_idx, basket_id, input_row', keepRepeats: true };

const TABLE = 'customer_lines';

/** Sorts the lines of known customers by customer and time into a table of the engine; spills if need be. */
export async function sortCustomerLines(
  connection: DuckDBConnection,
  transactions: string,
  { orderBy }: TripOrder,
): Promise<void> {
  const labels = BASKET_ATTRIBUTES.map((name) => `coalesce(${name}::SMALLINT, 255::SMALLINT) AS ${name}`);
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE ${TABLE} AS
     SELECT customer, week_idx, basket_id::DOUBLE AS basket, product, ${labels.join(', ')}
     FROM ${parquet(transactions)} WHERE customer IS NOT NULL ORDER BY customer, ${orderBy}`,
  );
}

/** Customers ascending, each with all trips; after {@link sortCustomerLines}. */
export async function* streamCustomerTrips(
  connection: DuckDBConnection,
  positions: LabelPositions,
  { keepRepeats }: TripOrder,
): AsyncGenerator<CustomerTrips> {
  const buffer = new TripBuffer(positions, keepRepeats);
  for await (const { rows, columns } of streamNumbers(connection, `SELECT * FROM ${TABLE}`, 8)) {
    const [customer, week, basket, product, ...labels] = columns;
    if (!customer || !week || !basket || !product) throw new TypeError('the query lacks a column');
    for (let row = 0; row < rows; row++) {
      const id = customer[row] ?? 0;
      if (id !== buffer.customer) {
        if (buffer.trips > 0) yield buffer.take();
        buffer.customer = id;
      }
      buffer.add(week[row] ?? 0, basket[row] ?? 0, product[row] ?? 0, labels, row);
    }
  }
  if (buffer.trips > 0) yield buffer.take();
}

/** Lines of one customer; grows to those of the busiest and is used again. */
class TripBuffer {
  customer = -1;
  trips = 0;
  private lines = 0;
  private basket = -1;
  private weekIdx = new Int16Array(64);
  private starts = new Uint32Array(65);
  private products = new Uint32Array(1024);
  private labels = labelArrays(64);

  constructor(
    private readonly positions: LabelPositions,
    private readonly keepRepeats: boolean,
  ) {}

  add(week: number, basket: number, product: number, labels: readonly NumberArray[], row: number): void {
    if (this.trips === 0 || basket !== this.basket) {
      this.basket = basket;
      if (this.trips === this.weekIdx.length) this.growTrips();
      const trip = this.trips++;
      this.weekIdx[trip] = week;
      this.starts[trip] = this.lines;
      BASKET_ATTRIBUTES.forEach((attribute, index) => {
        this.labels[attribute][trip] = this.positions[attribute][labels[index]?.[row] ?? 255] ?? -1;
      });
    } else if (!this.keepRepeats && this.products[this.lines - 1] === product) return;
    if (this.lines === this.products.length) this.growLines();
    this.products[this.lines++] = product;
    this.starts[this.trips] = this.lines;
  }

  take(): CustomerTrips {
    const { customer, trips, lines } = this;
    this.trips = 0;
    this.lines = 0;
    const of = (attribute: BasketAttribute) => this.labels[attribute].subarray(0, trips);
    return {
      customer,
      trips,
      weekIdx: this.weekIdx.subarray(0, trips),
      labels: {
        basket_type: of('basket_type'),
        basket_dominant_mission: of('basket_dominant_mission'),
        basket_price_sensitivity: of('basket_price_sensitivity'),
        basket_size: of('basket_size'),
      },
      starts: this.starts.subarray(0, trips + 1),
      products: this.products.subarray(0, lines),
    };
  }

  private growTrips(): void {
    const { weekIdx, starts, labels } = this;
    this.weekIdx = new Int16Array(2 * weekIdx.length);
    this.weekIdx.set(weekIdx);
    this.starts = new Uint32Array(2 * weekIdx.length + 1);
    this.starts.set(starts);
    this.labels = labelArrays(2 * weekIdx.length);
    for (const attribute of BASKET_ATTRIBUTES) this.labels[attribute].set(labels[attribute]);
  }

  private growLines(): void {
    const { products } = this;
    this.products = new Uint32Array(2 * products.length);
    this.products.set(products);
  }
}

function labelArrays(capacity: number): Record<BasketAttribute, Int8Array> {
  return {
    basket_type: new Int8Array(capacity),
    basket_dominant_mission: new Int8Array(capacity),
    basket_price_sensitivity: new Int8Array(capacity),
    basket_size: new Int8Array(capacity),
  };
}
