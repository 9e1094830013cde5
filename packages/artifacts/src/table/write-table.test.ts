import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { column, defineTable } from '../schema/index.js';
import { describeTable, readTable, readWholeTable } from './read-table.js';
import { batchFromRows, rowsOf } from './rows.js';
import { writeTable } from './write-table.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'artifacts-'));
});
afterAll(() => rm(folder, { recursive: true }));

const everything = defineTable({
  name: 'everything',
  file: 'everything.parquet',
  madeBy: 'retail-test',
  version: 3,
  description: 'A column of every type.',
  columns: {
    small: column.int8({ description: 'int8' }),
    store: column.uint16({ description: 'uint16' }),
    week: column.int32({ description: 'int32', unit: 'YYYYWW' }),
    share: column.float32({ description: 'float32' }),
    price: column.float64({ description: 'float64', unit: 'GBP', nullable: true }),
    promoted: column.bool({ description: 'bool' }),
    basket: column.integer({ description: 'int64' }),
    day: column.date({ description: 'date' }),
    name: column.utf8({ description: 'utf8', nullable: true }),
    department: column.dictionary('uint8', { description: 'dictionary', nullable: true }),
    vector: column.fixedSizeList('float32', 3, { description: 'vector' }),
    items: column.list('uint16', { description: 'list' }),
    tags: column.list('utf8', { description: 'list of text' }),
  },
});

const rows = Array.from({ length: 10 }, (_, row) => ({
  small: 3 - row,
  store: 65_535 - row,
  week: 202_001 + row,
  share: row / 8,
  price: row % 3 === 0 ? null : row * 1.1,
  promoted: row % 2 === 0,
  basket: (row % 2 === 0 ? 1 : -1) * (994_100_100_000_000 + row),
  day: 18_000 + row,
  name: row % 4 === 1 ? null : `Café ${'é'.repeat(row)}`,
  department: row % 5 === 4 ? null : `D${row % 3}`,
  vector: [row, row + 0.5, -row],
  items: Array.from({ length: row % 4 }, (__, item) => row * 10 + item),
  tags: row % 2 === 0 ? [] : [`t${row}`, 'ü'],
}));

test('every column type comes back as it was written, across row groups and batches', async () => {
  const path = join(folder, everything.file);
  const batches = [batchFromRows(everything, rows.slice(0, 7)), batchFromRows(everything, rows.slice(7))];
  const written = await writeTable(path, everything, batches, { rowGroupRows: 4 });
  expect(written.rows).toBe(10);
  expect(await describeTable(path, everything)).toEqual({ rows: 10, rowGroups: [4, 4, 2] });
  const whole = await readWholeTable(path, everything);
  expect([...rowsOf(everything, whole)]).toEqual(rows);
  const parts = [];
  for await (const batch of readTable(path, everything, {
    batchRows: 3,
    columns: ['basket', 'department'],
  })) {
    parts.push(batch);
  }
  expect(Object.keys(parts[0]?.columns ?? {})).toEqual(['basket', 'department']);
  expect(parts.reduce((sum, part) => sum + part.rows, 0)).toBe(10);
  expect(new Set(parts.map((part) => part.columns.department.data.values)).size).toBe(1);
  expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
});

test('a table without rows is a table', async () => {
  const path = join(folder, 'empty.parquet');
  await writeTable(path, everything, []);
  expect((await describeTable(path, everything)).rows).toBe(0);
  expect((await readWholeTable(path, everything)).rows).toBe(0);
});
