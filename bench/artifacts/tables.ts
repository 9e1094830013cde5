// The tables of the benchmarks in this folder, made by formula a batch at a time.
import { type Batch, type BatchOf, column, defineTable } from '@retail-sim/artifacts';

const BATCH_ROWS = 65_536;

/** As wide as a transactions table with its codes and prices. */
export const lines = defineTable({
  name: 'lines',
  file: 'lines.parquet',
  madeBy: 'pnpm bench artifacts/table-memory',
  version: 1,
  description: 'Twelve columns of the types that transactions have.',
  columns: {
    basket: column.integer({ description: 'Basket' }),
    customer: column.uint32({ description: 'Customer' }),
    product: column.uint16({ description: 'Product' }),
    store: column.uint16({ description: 'Store' }),
    week: column.int32({ description: 'Week', unit: 'YYYYWW' }),
    day: column.uint8({ description: 'Day' }),
    hour: column.uint8({ description: 'Hour' }),
    quantity: column.uint16({ description: 'Quantity' }),
    spend: column.float64({ description: 'Spend', unit: 'GBP' }),
    price: column.float64({ description: 'Price', unit: 'GBP', nullable: true }),
    promoted: column.bool({ description: 'Promoted' }),
    department: column.dictionary('uint8', { description: 'Department' }),
  },
});

/** As wide as an embedding. */
export const vectors = defineTable({
  name: 'vectors',
  file: 'vectors.parquet',
  madeBy: 'pnpm bench artifacts/table-memory',
  version: 1,
  description: 'A vector of 64 numbers.',
  columns: {
    product: column.uint32({ description: 'Product' }),
    embedding: column.fixedSizeList('float32', 64, { description: 'Embedding' }),
  },
});

/** A number of [0, 1) that looks random: multiplicative hashing of the row. */
function noise(row: number, salt: number): number {
  return (Math.imul(row + 1, 2_654_435_761 + 2 * salt) >>> 0) / 2 ** 32;
}

const departments = Array.from({ length: 90 }, (_, code) => `DEP${code}`);

function lineBatch(first: number, rows: number): BatchOf<typeof lines> {
  const fill = <A extends { [row: number]: number }>(target: A, value: (row: number) => number) => {
    for (let row = 0; row < rows; row += 1) target[row] = value(first + row);
    return target;
  };
  return {
    rows,
    columns: {
      basket: fill(new Float64Array(rows), (row) => 994_100_000_000_000 + Math.floor(row / 6)),
      customer: fill(new Uint32Array(rows), (row) => Math.floor(noise(row >> 3, 1) * 5000)),
      product: fill(new Uint16Array(rows), (row) => Math.floor(noise(row, 2) ** 2 * 5000)),
      store: fill(new Uint16Array(rows), (row) => Math.floor(noise(row >> 3, 3) * 760)),
      week: fill(new Int32Array(rows), (row) => 200_601 + (Math.floor(row / 2e5) % 52)),
      day: fill(new Uint8Array(rows), (row) => row % 7),
      hour: fill(new Uint8Array(rows), (row) => 8 + Math.floor(noise(row, 4) * 14)),
      quantity: fill(new Uint16Array(rows), (row) => 1 + Math.floor(noise(row, 5) * 3)),
      spend: fill(new Float64Array(rows), (row) => Math.round(noise(row, 6) * 1000) / 100),
      price: {
        data: fill(new Float64Array(rows), (row) => Math.round(noise(row, 7) * 1000) / 100),
        valid: fill(new Uint8Array(rows), (row) => (row % 50 === 0 ? 0 : 1)),
      },
      promoted: fill(new Uint8Array(rows), (row) => (noise(row, 8) < 0.1 ? 1 : 0)),
      department: {
        codes: fill(new Uint8Array(rows), (row) => Math.floor(noise(row, 9) * 90)),
        values: departments,
      },
    },
  };
}

function vectorBatch(first: number, rows: number): BatchOf<typeof vectors> {
  const product = new Uint32Array(rows);
  const embedding = new Float32Array(rows * 64);
  for (let row = 0; row < rows; row += 1) product[row] = first + row;
  for (let at = 0; at < embedding.length; at += 1) embedding[at] = noise(first * 64 + at, 10) - 0.5;
  return { rows, columns: { product, embedding } };
}

function* inBatches<B extends Batch>(rows: number, batch: (first: number, rows: number) => B): Generator<B> {
  for (let first = 0; first < rows; first += BATCH_ROWS)
    yield batch(first, Math.min(BATCH_ROWS, rows - first));
}

export const makeLines = (rows: number) => inBatches(rows, lineBatch);
export const makeVectors = (rows: number) => inBatches(rows, vectorBatch);
