// A file that is not what the schema says is refused before anything is made of it: with the file, the column, and
// the command that makes it again.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { InputError } from '@retail-sim/errors';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { column, defineTable } from '../schema/index.js';
import { describeTable, readTable, readWholeTable } from './read-table.js';
import { batchFromRows } from './rows.js';
import { writeTable } from './write-table.js';

let folder: string;
let duckdb: DuckDBConnection;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'read-table-'));
  duckdb = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
});
afterAll(async () => {
  duckdb.closeSync();
  await rm(folder, { recursive: true });
});

const prices = defineTable({
  name: 'prices',
  file: 'prices.parquet',
  madeBy: 'retail-data-pipeline',
  version: 2,
  description: 'Prices.',
  columns: {
    product: column.dictionary('uint8', { description: 'Product' }),
    week: column.int32({ description: 'Week' }),
    price: column.float64({ description: 'Price', nullable: true }),
    vector: column.fixedSizeList('float32', 2, { description: 'Vector' }),
    items: column.list('uint16', { description: 'Items' }),
  },
});

/** SQL of one row of the table as DuckDB writes it, some columns replaced. */
function select(replaced: Readonly<Record<string, string>> = {}): string {
  const columns = {
    product: "'P1'",
    week: '202001::INTEGER',
    price: '1.5::DOUBLE',
    vector: '[1, 2]::FLOAT[2]',
    items: '[1, 2, 3]::USMALLINT[]',
    ...replaced,
  };
  return `SELECT ${Object.entries(columns)
    .filter(([, sql]) => sql !== '')
    .map(([name, sql]) => `${sql} AS ${name}`)
    .join(', ')} FROM range(20) t(i)`;
}

async function copy(sql: string, metadata = ''): Promise<string> {
  const path = join(folder, 'copied.parquet');
  await duckdb.run(`COPY (${sql}) TO '${path}' (FORMAT parquet${metadata})`);
  return path;
}

async function refusal(read: Promise<unknown>): Promise<string> {
  const error = await read.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof InputError)) throw new Error(`not refused: ${String(error)}`);
  return `${error.message} | ${error.remedy}`.replaceAll(folder, '');
}

test('a file with the columns of the table is read, whatever wrote it', async () => {
  expect((await readWholeTable(await copy(select()), prices)).rows).toBe(20);
});

test.each([
  ['a missing column', { price: '' }, 'copied.parquet:price: lacks this column of prices'],
  ['a foreign column', { extra: '1' }, 'copied.parquet:extra: is not a column of prices'],
  ['a wider number', { week: '202001::BIGINT' }, 'copied.parquet:week: is int64, expected int32'],
  ['text for a number', { price: "'cheap'" }, 'copied.parquet:price: is utf8, expected float64'],
  [
    'a number for text',
    { product: '7::INTEGER' },
    'copied.parquet:product: is int32, expected dictionary<uint8, utf8>',
  ],
  ['a decimal', { price: '1.5::DECIMAL(9, 2)' }, 'copied.parquet:price: is decimal[9e+2], expected float64'],
  [
    'a list of another type',
    { items: '[1.5]::FLOAT[]' },
    'copied.parquet:items: is list<float32>, expected list<uint16>',
  ],
  [
    'a number for a vector',
    { vector: '1::FLOAT' },
    'copied.parquet:vector: is float32, expected fixed_size_list<float32>[2]',
  ],
  [
    'a missing value',
    { week: 'CASE WHEN i <> 7 THEN 1::INTEGER END' },
    'copied.parquet:8:week: a value is missing where none may be',
  ],
  [
    'a missing key',
    { product: "CASE WHEN i <> 3 THEN 'P' END" },
    'copied.parquet:4:product: a value is missing where none may be',
  ],
  [
    'a short vector',
    { vector: 'CASE WHEN i = 5 THEN [1] ELSE [1, 2] END::FLOAT[]' },
    'copied.parquet:6:vector: has 1 values, not 2',
  ],
  [
    'a hole in a vector',
    { vector: 'CASE WHEN i = 5 THEN [1, NULL] ELSE [1, 2] END::FLOAT[]' },
    'copied.parquet:6:vector: a value inside of a list is missing',
  ],
  [
    'a hole in a list',
    { items: 'CASE WHEN i = 9 THEN [1, NULL] ELSE [] END::USMALLINT[]' },
    'copied.parquet:10:items: a value inside of a list is missing',
  ],
])('%s', async (_, replaced, expected) => {
  const path = await copy(select(replaced));
  expect(await refusal(readWholeTable(path, prices))).toBe(`/${expected} | run retail-data-pipeline again`);
});

test('more values than the codes of a dictionary can name are refused', async () => {
  const path = await copy(select({ product: "'P' || i" }).replace('range(20)', 'range(300)'));
  expect(await refusal(readWholeTable(path, prices))).toBe(
    '/copied.parquet:product: has more than 256 values, too many for uint8 codes | run retail-data-pipeline again',
  );
});

test('another table and another schema version are told apart by what the file says', async () => {
  const named = (name: string, version: string) =>
    copy(
      select(),
      `, KV_METADATA {"retail-sim:table": '${name}', "retail-sim:schema-version": '${version}'}`,
    );
  expect((await readWholeTable(await named('prices', '2'), prices)).rows).toBe(20);
  expect(await refusal(readWholeTable(await named('price_fallbacks', '2'), prices))).toBe(
    '/copied.parquet: holds the table price_fallbacks, not prices | run retail-data-pipeline again',
  );
  expect(await refusal(readWholeTable(await named('prices', '1'), prices))).toBe(
    '/copied.parquet: has schema version 1 of prices; this release reads version 2 | run retail-data-pipeline again',
  );
});

test('a missing file says which command makes it', async () => {
  expect(await refusal(readWholeTable(join(folder, 'none.parquet'), prices))).toBe(
    '/none.parquet: does not exist (prices) | run retail-data-pipeline first',
  );
  expect(await refusal(readWholeTable(folder, prices))).toMatch(/^: is not a file \(prices\) \| /);
});

test('a file cut off at any place is refused', async () => {
  const path = join(folder, 'whole.parquet');
  const rows = Array.from({ length: 500 }, (_, row) => ({
    product: `P${row % 9}`,
    week: row,
    price: row % 2 === 0 ? null : row,
    vector: [row, row],
    items: [row],
  }));
  await writeTable(path, prices, [batchFromRows(prices, rows)], { rowGroupRows: 100 });
  const bytes = await readFile(path);
  const cut = join(folder, 'cut.parquet');
  for (let length = 0; length < bytes.length; length += Math.ceil(bytes.length / 50)) {
    await writeFile(cut, bytes);
    await truncate(cut, length);
    expect(await refusal(readWholeTable(cut, prices))).toMatch(
      /^\/cut.parquet: is cut off or not a Parquet file \(.+\) \| run retail-data-pipeline again$/,
    );
    expect(await refusal(describeTable(cut, prices))).toContain('is cut off or not a Parquet file');
  }
  // The engine is as good as new after that.
  expect((await readWholeTable(path, prices)).rows).toBe(500);
});

test('a file with damaged bytes is refused or read, in bounded time, and never ends the process', async () => {
  const path = join(folder, 'whole.parquet');
  const program = join(folder, 'read-damaged.mjs');
  const artifacts = JSON.stringify(join(import.meta.dirname, '..', '..', 'dist', 'index.js'));
  await writeFile(
    program,
    `import { readFile, writeFile } from 'node:fs/promises';
     import { readWholeTable } from ${artifacts};
     const table = ${JSON.stringify(prices)};
     const bytes = await readFile(${JSON.stringify(path)});
     const outcomes = { refused: 0, read: 0 };
     for (let place = 4; place < bytes.length; place += Math.ceil(bytes.length / 150)) {
       const copied = Buffer.from(bytes);
       copied[place] ^= 0xff;
       await writeFile('damaged.parquet', copied);
       try {
         await readWholeTable('damaged.parquet', table);
         outcomes.read += 1;
       } catch (error) {
         if (error.name !== 'InputError') throw error;
         outcomes.refused += 1;
       }
     }
     const { rows } = await readWholeTable(${JSON.stringify(path)}, table);
     process.stdout.write(JSON.stringify({ ...outcomes, rows }));`,
  );
  const { stdout, stderr, status } = spawnSync(process.execPath, [program], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 50_000,
  });
  expect(status, stderr).toBe(0);
  const outcomes = JSON.parse(stdout);
  expect(outcomes.rows).toBe(500);
  expect(outcomes.refused).toBeGreaterThan(75);
});

test('a reader that stops early lets go of the file', async () => {
  const path = join(folder, 'whole.parquet');
  for (let turn = 0; turn < 20; turn += 1) {
    for await (const batch of readTable(path, prices, { batchRows: 10 })) {
      expect(batch.rows).toBe(10);
      break;
    }
  }
});

test('one row group at a time, by number', async () => {
  const path = join(folder, 'whole.parquet');
  const { columns } = await readWholeTable(path, prices, { rowGroups: [3], columns: ['week'] });
  expect(Array.from(columns.week)).toEqual(Array.from({ length: 100 }, (_, row) => 300 + row));
});
