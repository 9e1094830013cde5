import type { DuckDBConnection } from '@duckdb/node-api';
import { keyedStream, shuffledOrder } from '@retail-sim/random';
import type { LoadedLines } from './read-lines.js';

/** Which customers and anonymous baskets a sample holds, by number. */
export interface Sample {
  readonly customers: Uint32Array;
  readonly anonymousBaskets: Uint32Array;
}

/**
 * Disjoint samples of `size` customers each, with the same share of the anonymous baskets. Values such as product
 * shares and lift depend on the size of the data, so only samples of one size are compared.
 */
export function drawSamples(
  seed: number,
  round: number,
  name: string,
  { customers, anonymousBaskets }: LoadedLines,
  size: number,
  count: number,
): readonly Sample[] {
  const customerOrder = shuffledOrder(keyedStream(seed, 'compare-customers', name, round), customers);
  const basketOrder = shuffledOrder(keyedStream(seed, 'compare-baskets', name, round), anonymousBaskets);
  const baskets = Math.floor((anonymousBaskets * size) / Math.max(1, customers));
  return Array.from({ length: count }, (_, sample) => ({
    customers: customerOrder.subarray(sample * size, (sample + 1) * size),
    anonymousBaskets: basketOrder.subarray(sample * baskets, (sample + 1) * baskets),
  }));
}

/** Makes the table `to` of the lines of `from` that belong to the sample. */
export async function selectSample(
  connection: DuckDBConnection,
  from: string,
  to: string,
  { customers, anonymousBaskets }: Sample,
): Promise<void> {
  await connection.run(`
    CREATE OR REPLACE TABLE chosen_customers (customer INTEGER);
    CREATE OR REPLACE TABLE chosen_baskets (position INTEGER);`);
  await appendNumbers(connection, 'chosen_customers', customers);
  await appendNumbers(connection, 'chosen_baskets', anonymousBaskets);
  await connection.run(`
    CREATE OR REPLACE TABLE ${to} AS
      SELECT * FROM ${from} WHERE customer IN (SELECT customer FROM chosen_customers)
      UNION ALL
      SELECT * FROM ${from} WHERE customer IS NULL AND basket IN (
        SELECT basket FROM ${from}_anonymous WHERE position IN (SELECT position FROM chosen_baskets))`);
}

async function appendNumbers(
  connection: DuckDBConnection,
  table: string,
  numbers: Uint32Array,
): Promise<void> {
  const appender = await connection.createAppender(table);
  for (const number of numbers) {
    appender.appendInteger(number);
    appender.endRow();
  }
  appender.closeSync();
}
