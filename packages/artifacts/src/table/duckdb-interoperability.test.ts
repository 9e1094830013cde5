// Analysts read these files with other engines, and stages write some of them with DuckDB: both ways must agree on
// every column type, nulls, vectors and dictionaries included.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { column, defineTable } from '../schema/index.js';
import { readTable, readWholeTable } from './read-table.js';
import { batchFromRows, rowsOf } from './rows.js';
import { writeTable } from './write-table.js';

let folder: string;
let duckdb: DuckDBConnection;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interoperability-'));
  duckdb = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
});
afterAll(async () => {
  duckdb.closeSync();
  await rm(folder, { recursive: true });
});

const everything = defineTable({
  name: 'everything',
  file: 'everything.parquet',
  madeBy: 'retail-test',
  version: 3,
  description: 'A column of every type.',
  columns: {
    tiny: column.int8({ description: 'int8' }),
    code: column.uint16({ description: 'uint16' }),
    large: column.uint32({ description: 'uint32' }),
    week: column.int32({ description: 'int32' }),
    share: column.float32({ description: 'float32' }),
    price: column.float64({ description: 'float64', nullable: true }),
    promoted: column.bool({ description: 'bool', nullable: true }),
    basket: column.integer({ description: 'int64' }),
    day: column.date({ description: 'date' }),
    name: column.utf8({ description: 'utf8', nullable: true }),
    department: column.dictionary('uint8', { description: 'dictionary', nullable: true }),
    vector: column.fixedSizeList('float32', 3, { description: 'vector' }),
    items: column.list('uint16', { description: 'list' }),
  },
});

const rows = Array.from({ length: 100 }, (_, row) => ({
  tiny: row - 50,
  code: 65_535 - row,
  large: 2 ** 32 - 1 - row,
  week: 202_001 + row,
  share: row / 8,
  price: row % 3 === 0 ? null : row * 1.1,
  promoted: row % 7 === 0 ? null : row % 2 === 0,
  basket: (row % 2 === 0 ? 1 : -1) * (994_100_100_000_000 + row),
  day: row,
  name: row % 4 === 1 ? null : `Café ${row}`,
  department: row % 5 === 4 ? null : `D${row % 3}`,
  vector: [row, row + 0.5, -row - 1],
  items: Array.from({ length: row % 4 }, (__, item) => row * 10 + item),
}));

/** The column list that gives DuckDB's values the types of the table. */
const casts = `
  tiny::TINYINT AS tiny, code::USMALLINT AS code, large::UINTEGER AS large, week::INTEGER AS week,
  share::FLOAT AS share, price::DOUBLE AS price, promoted::BOOLEAN AS promoted, basket::BIGINT AS basket,
  day::DATE AS day, name::VARCHAR AS name, department::ENUM ('D0', 'D1', 'D2') AS department,
  vector::FLOAT[3] AS vector, items::USMALLINT[] AS items`;

test('DuckDB reads every column type of what is written here', async () => {
  const path = join(folder, 'ours.parquet');
  await writeTable(path, everything, [batchFromRows(everything, rows)], { rowGroupRows: 32 });
  const types = await duckdb.runAndReadAll(`DESCRIBE FROM '${path}'`);
  expect(types.getRows().map(([name, type]) => `${name} ${type}`)).toEqual([
    'tiny TINYINT',
    'code USMALLINT',
    'large UINTEGER',
    'week INTEGER',
    'share FLOAT',
    'price DOUBLE',
    'promoted BOOLEAN',
    'basket BIGINT',
    'day DATE',
    'name VARCHAR',
    'department VARCHAR',
    'vector FLOAT[]',
    'items USMALLINT[]',
  ]);
  const found = await duckdb.runAndReadAll(`
    SELECT * REPLACE (basket::VARCHAR AS basket, day - DATE '1970-01-01' AS day, vector::FLOAT[3] AS vector)
    FROM '${path}'`);
  expect(found.getRowObjectsJson()).toEqual(
    rows.map((row) => ({ ...row, basket: String(row.basket), day: String(row.day) })),
  );
  const metadata = await duckdb.runAndReadAll(`
    SELECT decode(key), decode(value) FROM parquet_kv_metadata('${path}') WHERE starts_with(decode(key), 'retail')`);
  expect(metadata.getRows()).toEqual([['retail-sim:table', 'everything']]);
  const codecs = await duckdb.runAndReadAll(`SELECT DISTINCT compression FROM parquet_metadata('${path}')`);
  expect(codecs.getRows()).toEqual([['ZSTD']]);
});

test('what DuckDB writes, enums and arrays included, is read here', async () => {
  const ours = join(folder, 'ours-again.parquet');
  const theirs = join(folder, 'theirs.parquet');
  await writeTable(ours, everything, [batchFromRows(everything, rows)]);
  await duckdb.run(`COPY (SELECT ${casts} FROM '${ours}') TO '${theirs}'
    (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 2048,
     KV_METADATA {"retail-sim:table": 'everything', "retail-sim:schema-version": '3'})`);
  const whole = await readWholeTable(theirs, everything);
  expect([...rowsOf(everything, whole)]).toEqual(rows);
});

test('codes of a text column that DuckDB wrote mean the same in every row group', async () => {
  const keys = defineTable({
    name: 'keys',
    file: 'keys.parquet',
    madeBy: 'retail-test',
    version: 1,
    description: 'Customers.',
    columns: { customer: column.dictionary('uint16', { description: 'customer', nullable: true }) },
  });
  const path = join(folder, 'keys.parquet');
  await duckdb.run(`COPY (
      SELECT CASE WHEN i % 11 = 0 THEN NULL ELSE 'CUST' || lpad((i * 7 % 5000)::VARCHAR, 10, '0') END AS customer
      FROM range(20000) t(i))
    TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
  let row = 0;
  for await (const { columns, rows: count } of readTable(path, keys, { batchRows: 1000 })) {
    const { codes, values } = columns.customer.data;
    for (let i = 0; i < count; i += 1, row += 1) {
      const expected = row % 11 === 0 ? null : `CUST${String((row * 7) % 5000).padStart(10, '0')}`;
      const found = columns.customer.valid[i] === 0 ? null : values[codes[i] ?? 0];
      if (found !== expected) throw new Error(`row ${row}: ${found} is not ${expected}`);
    }
  }
  expect(row).toBe(20_000);
});

test('a vector of another length, written as a list by DuckDB, is refused', async () => {
  const narrow = defineTable({
    name: 'narrow',
    file: 'narrow.parquet',
    madeBy: 'retail-test',
    version: 1,
    description: 'Vectors.',
    columns: { vector: column.fixedSizeList('float32', 3, { description: 'vector' }) },
  });
  const path = join(folder, 'narrow.parquet');
  await duckdb.run(`COPY (
      SELECT CASE WHEN i = 70 THEN [1, 2] ELSE [1, 2, 3] END::FLOAT[] AS vector FROM range(100) t(i))
    TO '${path}' (FORMAT parquet)`);
  await expect(readWholeTable(path, narrow)).rejects.toThrow(`${path}:71:vector: has 2 values, not 3`);
});
