import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTensors, type TensorFile, writeTensors } from '@retail-sim/artifacts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { customerTimelines } from '../schemas/entities.js';
import { pagedColumns } from './paged-columns.js';

const PAGE_ROWS = 4;
const MOST_PAGES = 256;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'retail-pages-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A file of `pages` pages whose row `i` holds the list `[i, 2 i]`, and how often it was read. */
async function fileOf(pages: number) {
  const path = join(folder, `${pages}.arrow`);
  const rows = pages * PAGE_ROWS;
  const offsets = Int32Array.from({ length: rows + 1 }, (_, row) => 2 * row);
  const values = Uint32Array.from({ length: 2 * rows }, (_, place) => (place >> 1) * (1 + (place & 1)));
  await writeTensors(path, customerTimelines, [
    {
      rows,
      columns: {
        customer_row: Uint32Array.from({ length: rows }, (_, row) => row),
        baskets: { offsets, values },
      },
    },
  ]);
  const file = openTensors(path, customerTimelines);
  let reads = 0;
  const read: TensorFile<typeof customerTimelines.columns>['read'] = (from, to, options) => {
    reads++;
    return file.read(from, to, options);
  };
  return { file: { ...file, rows, read }, reads: () => reads, close: () => file.close() };
}

describe('paged columns', () => {
  // What lies in memory is 256 pages, whatever the length of the file (spec section 4, 12.2, invariant 33).
  test.each([MOST_PAGES * 2, MOST_PAGES * 8])('of %i pages the 256 used last stay', async (pages) => {
    const { file, reads, close } = await fileOf(pages);
    const page = pagedColumns(file, ['baskets'], PAGE_ROWS);
    const value = (row: number) => {
      const { start, columns } = page(row);
      return columns.baskets.values[columns.baskets.offsets[row - start] ?? 0];
    };
    for (let row = 0; row < file.rows; row++) expect(value(row)).toBe(row);
    expect(reads()).toBe(pages);
    // The last 256 pages are at hand; the one before them is gone, and so is the oldest of them then.
    for (let number = pages - MOST_PAGES; number < pages; number++) value(number * PAGE_ROWS);
    expect(reads()).toBe(pages);
    expect(value((pages - MOST_PAGES - 1) * PAGE_ROWS)).toBe((pages - MOST_PAGES - 1) * PAGE_ROWS);
    expect(reads()).toBe(pages + 1);
    value((pages - MOST_PAGES) * PAGE_ROWS);
    expect(reads()).toBe(pages + 2);
    close();
  });

  test('a file that may be held is read once', async () => {
    const { file, reads, close } = await fileOf(MOST_PAGES * 2);
    const page = pagedColumns(file, ['baskets'], 'all');
    for (let row = 0; row < file.rows; row += 7) expect(page(row).start).toBe(0);
    expect(reads()).toBe(1);
    close();
  });
});
