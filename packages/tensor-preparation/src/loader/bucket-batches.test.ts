import { describe, expect, test } from 'vitest';
import { BLOCK_ROWS, countBatches, DEFAULT_BUCKET_EDGES, planBatches } from './bucket-batches.js';

const lengths = Uint8Array.from({ length: 10_000 }, (_, row) => 2 + ((row * row * 7) % 49));
const options = { batchSize: 64, seed: 42, epoch: 1, shuffle: true, dropLast: false };

function plan(change: Partial<Parameters<typeof planBatches>[1]> = {}, of = lengths) {
  return [...planBatches(of, { ...options, ...change })];
}

describe('bucket batches', () => {
  test('every basket is in exactly one batch, small windows or large', () => {
    for (const windowRows of [BLOCK_ROWS, 3 * BLOCK_ROWS, 2 ** 30]) {
      const rows = plan({ windowRows }).flatMap((batch) => Array.from(batch.rows));
      expect(rows.toSorted((a, b) => a - b)).toEqual(Array.from(lengths.keys()));
    }
  });

  test('a batch holds lengths of one bucket only', () => {
    const bucket = (length: number) => DEFAULT_BUCKET_EDGES.findIndex((edge) => length <= edge);
    for (const { rows } of plan()) {
      expect(new Set(Array.from(rows, (row) => bucket(lengths[row] ?? 0))).size).toBe(1);
    }
  });

  test('the order is a pure function of seed and epoch', () => {
    expect(plan()).toEqual(plan());
    expect(plan({ epoch: 2 })).not.toEqual(plan());
    expect(plan({ seed: 7 })).not.toEqual(plan());
  });

  test('batches are numbered from 0; their count needs no plan', () => {
    for (const dropLast of [false, true]) {
      const batches = plan({ dropLast });
      expect(batches.map(({ index }) => index)).toEqual(Array.from(batches.keys()));
      expect(countBatches(lengths, { batchSize: 64, dropLast })).toBe(batches.length);
    }
    expect(plan({ dropLast: true }).every(({ rows }) => rows.length === 64)).toBe(true);
  });

  test('without shuffling rows ascend inside each bucket', () => {
    const seen = new Map<number, number>();
    for (const { rows } of plan({ shuffle: false })) {
      const bucket = DEFAULT_BUCKET_EDGES.findIndex((edge) => (lengths[rows[0] ?? 0] ?? 0) <= edge);
      for (const row of rows) {
        expect(row).toBeGreaterThan(seen.get(bucket) ?? -1);
        seen.set(bucket, row);
      }
    }
  });

  test('100 baskets at 16 of one length are 7 batches, the last of 4; no basket is no batch', () => {
    const batches = plan({ batchSize: 16 }, new Uint8Array(100).fill(5));
    expect(batches.map(({ rows }) => rows.length)).toEqual([16, 16, 16, 16, 16, 16, 4]);
    expect(plan({}, new Uint8Array())).toEqual([]);
  });
});
