import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { column, defineTable } from '@retail-sim/artifacts/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEnum } from './enum-types.js';
import { type Engine, openEngine } from './open-engine.js';
import { openTableParts } from './table-parts.js';
import { readRows } from './typed-chunk.js';

const table = defineTable({
  name: 'sizes',
  file: 'sizes.parquet',
  madeBy: 'retail-data-pipeline',
  version: 1,
  description: 'A table whose columns are computed in another order than they are written in.',
  columns: {
    name: column.dictionary('uint16', { description: 'Name' }),
    // Last of the query.
    is_small: column.bool({ description: 'Under 3' }),
    size: column.float64({ description: 'Size' }),
    weight: column.float64({ nullable: true, description: 'Weight; null: unknown' }),
  },
});

let folder = '';
let engine: Engine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'table-parts-'));
  engine = await openEngine({ folder, threads: 1, memoryLimit: 2e8 });
});

afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Nine rows, three at a time. */
async function write(file: string, partBytes: number): Promise<string> {
  const { connection, scratch } = engine;
  const parts = await openTableParts(table, {
    connection,
    scratch,
    partBytes,
    columns: [
      ['name', await createEnum(connection, 'size_name', ['a', 'b', 'c'])],
      ['size', 'DOUBLE'],
      ['weight', 'DOUBLE'],
    ],
    select: "* REPLACE (nullif(weight, 'NaN'::DOUBLE) AS weight), size < 3 AS is_small",
  });
  for (const first of [0, 3, 6]) {
    await parts.append(
      [
        Uint32Array.of(2, 0, 1),
        Float64Array.of(first, first + 1, first + 2),
        Float64Array.of(first * 10, Number.NaN, first * 10 + 2),
      ],
      3,
    );
  }
  const path = join(folder, file);
  expect(await parts.write(path)).toBe(9);
  return path;
}

describe('a table written in parts', () => {
  it('holds every value in its column, whatever went to disk meanwhile', async () => {
    const path = await write('two-parts.parquet', 80);
    expect(await readRows(engine.connection, `SELECT * FROM '${path}'`)).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7, 8].map((size) => ({
        name: ['c', 'a', 'b'][size % 3],
        is_small: size < 3,
        size,
        weight: [(size - (size % 3)) * 10, null, (size - (size % 3)) * 10 + 2][size % 3],
      })),
    );
  });

  it('is the same file as one written at once', async () => {
    const whole = await readFile(await write('whole.parquet', 1e6));
    for (const partBytes of [1, 80, 120]) {
      expect((await readFile(await write(`parts-${partBytes}.parquet`, partBytes))).equals(whole)).toBe(true);
    }
  });
});
