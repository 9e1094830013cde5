import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@retail-sim/errors';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { column, defineTable } from '../schema/index.js';
import { batchFromRows, rowsOf } from '../table/rows.js';
import { openTensors, readTensors } from './open-tensors.js';
import { writeTensors } from './write-tensors.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tensors-'));
});
afterAll(() => rm(folder, { recursive: true }));

const samples = defineTable({
  name: 'samples',
  file: 'train_tensors.arrow',
  madeBy: 'retail-build-tensors',
  version: 1,
  description: 'One basket.',
  columns: {
    basket: column.integer({ description: 'int64' }),
    week: column.int32({ description: 'int32', unit: 'YYYYWW', nullable: true }),
    promoted: column.bool({ description: 'bool', nullable: true }),
    context: column.fixedSizeList('float32', 2, { description: 'vector' }),
    items: column.list('uint16', { description: 'list' }),
    name: column.utf8({ description: 'text', nullable: true }),
    tags: column.list('utf8', { description: 'list of text' }),
    day: column.date({ description: 'date' }),
  },
});

const rows = Array.from({ length: 53 }, (_, row) => ({
  basket: (row % 2 === 0 ? 1 : -1) * (994_100_100_000_000 + row),
  week: row % 7 === 3 ? null : 202_001 + row,
  promoted: row % 5 === 1 ? null : row % 3 === 0,
  context: [row, -row - 0.5],
  items: Array.from({ length: row % 6 }, (__, item) => row * 10 + item),
  name: row % 4 === 1 ? null : `Ä${'é'.repeat(row % 5)}`,
  tags: row % 2 === 0 ? [] : [`t${row}`, 'ü'],
  day: 18_000 + row,
}));

async function write(name: string) {
  const path = join(folder, name);
  const parts = [rows.slice(0, 5), rows.slice(5, 36), [], rows.slice(36)];
  const written = await writeTensors(
    path,
    samples,
    parts.map((part) => batchFromRows(samples, part)),
    { batchRows: 10 },
  );
  expect(written.rows).toBe(rows.length);
  return path;
}

test('any range of rows comes back as it was written, inside and across record batches', async () => {
  using tensors = openTensors(await write('ranges.arrow'), samples);
  expect(tensors.rows).toBe(53);
  expect(tensors.batchStarts).toEqual([0, 10, 20, 30, 40, 50]);
  for (const [from, to] of [
    [0, 53],
    [0, 0],
    [53, 53],
    [3, 4],
    [9, 11],
    [13, 18],
    [7, 47],
    [50, 53],
  ] as const) {
    expect([...rowsOf(samples, tensors.read(from, to))]).toEqual(rows.slice(from, to));
  }
  expect(() => tensors.read(50, 54)).toThrow('no rows 50 to 54 among 53');
});

test('rows are gathered in the order given, repeats included', async () => {
  using tensors = openTensors(await write('gather.arrow'), samples);
  const order = [52, 0, 1, 2, 9, 10, 11, 30, 30, 7];
  expect([...rowsOf(samples, tensors.gather(order))]).toEqual(order.map((row) => rows[row]));
  expect(tensors.gather([]).rows).toBe(0);
  const { columns } = tensors.gather(order, { columns: ['items'], shared: true });
  expect(Object.keys(columns)).toEqual(['items']);
  expect(columns.items.values.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(Array.from(columns.items.values)).toEqual(order.flatMap((row) => rows[row]?.items ?? []));
});

test('a record batch at a time', async () => {
  const path = await write('stream.arrow');
  const seen = [];
  for await (const batch of readTensors(path, samples)) seen.push(...rowsOf(samples, batch));
  expect(seen).toEqual(rows);
});

test('another Arrow reader reads the file', async () => {
  const table = tableFromIPC(await readFile(await write('foreign.arrow')));
  expect(table.numRows).toBe(53);
  expect(table.schema.metadata.get('retail-sim:table')).toBe('samples');
  expect(table.schema.fields[1]?.metadata.get('unit')).toBe('YYYYWW');
  for (const [row, { basket, week, context, items, name }] of rows.entries()) {
    const found = table.get(row);
    expect(found?.['basket']).toBe(BigInt(basket));
    expect(found?.['week']).toBe(week);
    expect(Array.from(found?.['context'])).toEqual(context);
    expect(Array.from(found?.['items'])).toEqual(items);
    expect(found?.['name']).toBe(name);
  }
});

test('a file cut off anywhere is refused, with the command that makes it', async () => {
  const path = await write('whole.arrow');
  const bytes = await readFile(path);
  const cut = join(folder, 'cut.arrow');
  for (let length = 0; length < bytes.length; length += Math.ceil(bytes.length / 40)) {
    await writeFile(cut, bytes);
    await truncate(cut, length);
    expect(() => openTensors(cut, samples)).toThrow(InputError);
  }
  expect(() => openTensors(join(folder, 'none.arrow'), samples)).toThrow('does not exist (samples)');
  expect(() => openTensors(path, { ...samples, version: 2 })).toThrow(
    'has schema version 1 of samples; this release reads version 2',
  );
});

test('tensors hold codes, not text', async () => {
  const table = { ...samples, columns: { store: column.dictionary('uint8', { description: 'store' }) } };
  await expect(writeTensors(join(folder, 'x.arrow'), table, [])).rejects.toThrow('tensors hold codes');
});

test('a file with damaged bytes is refused or read, and nothing is read from outside of it', async () => {
  const path = await write('intact.arrow');
  const bytes = await readFile(path);
  const damaged = join(folder, 'damaged.arrow');
  let refused = 0;
  for (let place = 0; place < bytes.length; place += 13) {
    const copied = Buffer.from(bytes);
    copied[place] = (copied[place] ?? 0) ^ 0xff;
    await writeFile(damaged, copied);
    try {
      using tensors = openTensors(damaged, samples);
      tensors.read(0, tensors.rows);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(50);
});
