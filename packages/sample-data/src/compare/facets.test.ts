import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { FACETS, LINE_COLUMNS } from './facets.js';

/** Basket, customer, day, product, class, department, store, quantity, spend of lines that can be worked out by hand. */
const LINES = [
  [1, 0, 0, 'a', 'A', 'X', 's', 1, 2],
  [1, 0, 0, 'b', 'B', 'Y', 's', 3, 3],
  [2, 0, 1, 'a', 'A', 'X', 't', 1, 2],
  [3, 0, 8, 'c', 'C', 'X', 's', 2, 8],
  [4, null, 3, 'a', 'A', 'X', 's', 1, 2],
] as const;

async function facetValues(name: string, copies = 1): Promise<readonly number[]> {
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  const rows = Array.from({ length: copies }).flatMap((_, copy) =>
    LINES.map(
      ([basket, customer, day, product, group, department, store, quantity, spend]) =>
        `(${basket + 10 * copy}, ${customer}, ${day}, 12, ${day < 7 ? 200607 : 200608}, '${product}', '${group}', '${department}', '${store}', ${quantity}, ${spend})`,
    ),
  );
  await connection.run(
    `CREATE TABLE sample AS SELECT * FROM (VALUES ${rows.join(', ')}) AS t(${LINE_COLUMNS.join(', ')})`,
  );
  const facet = FACETS.find((candidate) => candidate.name === name);
  const result = await connection.runAndReadAll(
    `SELECT value::DOUBLE FROM (${facet?.sql('sample')}) AS facet(value) ORDER BY 1`,
  );
  return (result.getColumns()[0] ?? []).map(Number);
}

test.each([
  ['lines per basket', [1, 1, 1, 2]],
  ['spend per basket', [2, 2, 5, 8]],
  ['inter-purchase days', [1, 7]],
  ['baskets per customer-week', [1, 2]],
  ['items per customer-week', [2, 5]],
  ['unit price', [1, 2, 2, 2, 4]],
  ['product share', [0.6, 0.6, 1.8]],
  ['stores per customer', [2]],
  ['repeated lines', [0.25]],
  ['hour', [12, 12, 12, 12]],
  // 1 January 1970 was a Thursday.
  ['weekday', [4, 5, 5, 7]],
])('%s', async (name, expected) => {
  const values = await facetValues(name);
  expect(values.map((value) => Number(value.toFixed(9)))).toEqual(expected);
});

test('category lift compares how often two categories meet with chance; rare pairs are left out', async () => {
  // Of 4 baskets 4 have X and 1 has Y: together in 1, by chance in 1. A: 3, B: 1, C: 1 of 4.
  expect(await facetValues('category lift (PROD_CODE_20)')).toEqual([]);
  expect(await facetValues('category lift (PROD_CODE_20)', 10)).toEqual([1]);
  // Expected with 20 copies: A and B 15 of 80 (seen 20), A and C 15 (seen 0); B and C only 5.
  expect(
    (await facetValues('category lift (PROD_CODE_10)', 20)).map((lift) => Number(lift.toFixed(9))),
  ).toEqual([0, 1.333333333]);
});
