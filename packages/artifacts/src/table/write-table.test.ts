import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
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

test('a source that fails leaves no file, at whichever batch it fails', async () => {
  const path = join(folder, 'failing.parquet');
  for (const good of [0, 1, 5]) {
    let closed = false;
    async function* source() {
      try {
        for (let batch = 0; batch < good; batch += 1) yield batchFromRows(everything, rows);
        throw new RangeError('the stage fails');
      } finally {
        closed = true;
      }
    }
    await expect(writeTable(path, everything, source(), { rowGroupRows: 4 })).rejects.toThrow(
      'the stage fails',
    );
    expect(closed).toBe(true);
  }
  expect((await readdir(folder)).filter((name) => name.includes('failing'))).toEqual([]);
});

test('a batch that does not fit the table is refused before it is written, by name and column', async () => {
  const path = join(folder, 'unfit.parquet');
  const good = batchFromRows(everything, rows);
  const { items, ...withoutItems } = good.columns;
  const unfit: [object, string][] = [
    [{ ...good.columns, store: new Int16Array(10) }, 'everything.store: give Uint16Array'],
    [{ ...good.columns, store: new Uint16Array(9) }, 'everything.store: has 9 values where 10 belong'],
    [{ ...good.columns, vector: new Float32Array(10) }, 'everything.vector: has 10 values where 30 belong'],
    [{ ...good.columns, price: new Float64Array(10) }, 'give { data: Float64Array, valid: Uint8Array }'],
    [
      { ...good.columns, small: { data: new Int8Array(10), valid: new Uint8Array(10) } },
      'small: give Int8Array',
    ],
    [{ ...good.columns, items: { ...items, offsets: new Int32Array(11) } }, 'offsets end at 0, values at'],
    [{ ...good.columns, basket: new Float64Array(10).fill(0.5) }, '0.5 is not a whole number'],
    [withoutItems, 'everything.items: the batch lacks this column'],
    [{ ...good.columns, extra: new Int8Array(10) }, 'everything has no column extra'],
  ];
  for (const [columns, message] of unfit) {
    const batch = { rows: 10, columns } as typeof good;
    await expect(writeTable(path, everything, [good, batch])).rejects.toThrow(message);
  }
  expect((await readdir(folder)).filter((name) => name.includes('unfit'))).toEqual([]);
});

test('the same rows give the same bytes, time after time', async () => {
  const write = async () => {
    const path = join(folder, 'again.parquet');
    await writeTable(path, everything, [batchFromRows(everything, rows)]);
    return (await readFile(path)).toString('base64');
  };
  const first = await write();
  for (let again = 0; again < 12; again++) expect(await write()).toBe(first);
});

test('a file states its schema version', async () => {
  const path = join(folder, 'versioned.parquet');
  await writeTable(path, everything, [batchFromRows(everything, rows)]);
  await expect(readWholeTable(path, { ...everything, version: 4 })).rejects.toThrow(
    'has schema version 3 of everything; this release reads version 4',
  );
});
