import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { batchDigest } from '../../../../tests/tensor-preparation/batch-digest.js';
import {
  type Folders,
  makeWorld,
  writeUpstream,
} from '../../../../tests/tensor-preparation/upstream-fixture.js';
import type { Batch } from '../batch.js';
import { buildTensors } from '../build/build-tensors.js';
import type { LoaderOptions } from './batch-source.js';
import { openLoader, openPairLoader } from './open-loader.js';

const settings = { seed: 42, t6: 'prior', t2PositionEncoding: false, longBaskets: 'truncate' } as const;
let folders: Folders;

beforeAll(async () => {
  folders = await writeUpstream(makeWorld({ baskets: 600 }));
  await buildTensors({ ...folders, ...settings });
});
afterAll(() => rm(dirname(folders.tensors), { recursive: true }));

async function load(change: Partial<LoaderOptions> = {}, epoch = 1, from = 0): Promise<Batch[]> {
  await using loader = await openLoader({
    folder: folders.tensors,
    split: 'train',
    batchSize: 16,
    seed: 42,
    prefetch: 0,
    ...change,
  });
  const batches: Batch[] = [];
  for await (const batch of loader.batches(epoch, from)) batches.push(batch);
  return batches;
}

const digests = (batches: readonly Batch[]) => batches.map(batchDigest);

describe('the loader', () => {
  test('a worker thread yields the same bytes as this thread', async () => {
    const options = { history: 5, repeats: true };
    const here = await load(options);
    expect(here.length).toBeGreaterThan(20);
    expect(digests(await load({ ...options, prefetch: 3 }))).toEqual(digests(here));
  });

  test('resuming at any batch yields the rest of the epoch', async () => {
    const whole = digests(await load());
    for (const from of [0, 1, 7, whole.length - 1, whole.length]) {
      expect(digests(await load({}, 1, from))).toEqual(whole.slice(from));
      expect(digests(await load({ prefetch: 2 }, 1, from))).toEqual(whole.slice(from));
    }
  });

  test('an epoch that is left early does not spill into the next', async () => {
    await using loader = await openLoader({
      folder: folders.tensors,
      split: 'train',
      batchSize: 16,
      seed: 42,
      prefetch: 3,
    });
    for await (const batch of loader.batches(1)) if (batch.index === 2) break;
    const second: Batch[] = [];
    for await (const batch of loader.batches(2)) second.push(batch);
    expect(digests(second)).toEqual(digests(await load({}, 2)));
  });

  test('every basket exactly once an epoch, over all shards together', async () => {
    const whole = await load();
    const rows = whole.flatMap(({ keys }) => Array.from(keys.basketRow));
    expect(new Set(rows).size).toBe(rows.length);
    const shards = await Promise.all([0, 1, 2].map((index) => load({ shard: { index, count: 3 } })));
    expect(digests(shards.flat().toSorted((a, b) => a.index - b.index))).toEqual(digests(whole));
    const even = await Promise.all(
      [0, 1, 2].map((index) => load({ shard: { index, count: 3 }, dropLast: true })),
    );
    expect(new Set(even.map((batches) => batches.length)).size).toBe(1);
  });

  test('a basket looks the same in any batch size, with any number of shards', async () => {
    const sequenceOf = (batches: readonly Batch[]) =>
      new Map(
        batches.flatMap((batch) =>
          Array.from(batch.keys.basketRow, (row, index) => {
            const length = batch.lengths[index] ?? 0;
            const start = index * batch.positions;
            return [
              row,
              batchDigest({
                ids: batch.productIds.slice(start, start + length),
                t2: batch.productEmbeddings.slice(start * 256, (start + length) * 256),
                t4: batch.priceFeatures.slice(start * 64, (start + length) * 64),
                dense: batch.denseContext.slice(index * 400, index * 400 + 400),
              }),
            ] as const;
          }),
        ),
      );
    const small = sequenceOf(await load({ batchSize: 7 }));
    const large = sequenceOf(await load({ batchSize: 100, bucketEdges: [50] }));
    expect(small.size).toBe(large.size);
    for (const [row, digest] of small) expect(large.get(row)).toBe(digest);
  });

  test('reading page by page yields what reading from memory yields', async () => {
    const options = { history: 3, repeats: true };
    expect(digests(await load({ ...options, residentBytes: 0 }))).toEqual(digests(await load(options)));
  });

  test('a limit is a seeded choice from the whole split', async () => {
    const rows = (batches: Batch[]) =>
      batches.flatMap(({ keys }) => Array.from(keys.basketRow)).toSorted((a, b) => a - b);
    const chosen = rows(await load({ limit: 40 }));
    expect(chosen.length).toBe(40);
    expect(rows(await load({ limit: 40 }, 2))).toEqual(chosen);
    expect(Math.max(...chosen)).toBeGreaterThan(200);
  });

  test('positions are padded to the longest basket of the batch, or to a multiple', async () => {
    for (const batch of await load()) expect(batch.positions).toBe(Math.max(...batch.lengths));
    for (const batch of await load({ padToMultiple: 8 })) expect(batch.positions % 8).toBe(0);
  });

  test('a folder that is not there and an unknown shard are refused, from the worker too', async () => {
    for (const prefetch of [0, 2]) {
      await expect(load({ folder: `${folders.tensors}/nowhere`, prefetch })).rejects.toMatchObject({
        name: 'InputError',
        remedy: expect.stringContaining('retail-build-tensors'),
      });
    }
    await expect(load({ shard: { index: 3, count: 3 } })).rejects.toThrow('no shard');
  });

  test('pairs: context and labels of the target, items of the input, distinct targets', async () => {
    await using loader = await openPairLoader({
      folder: folders.tensors,
      split: 'test',
      batchSize: 8,
      seed: 42,
      prefetch: 2,
      history: 4,
      repeats: true,
    });
    let pairs = 0;
    for await (const batch of loader.batches(1)) {
      pairs += batch.size;
      for (let index = 0; index < batch.size; index++) {
        const target = batch.targets.productIds.subarray(
          batch.targets.offsets[index],
          batch.targets.offsets[index + 1],
        );
        expect(target.length).toBeGreaterThanOrEqual(2);
        expect(new Set(target).size).toBe(target.length);
        expect(batch.inputBasketRow[index]).toBeLessThan(batch.keys.basketRow[index] ?? 0);
        expect(batch.weekGap[index]).toBeLessThanOrEqual(12);
        expect(batch.keys.customerRow[index]).toBeGreaterThan(0);
      }
    }
    expect(pairs).toBe(loader.samples);
    expect(pairs).toBeGreaterThan(10);
  });
});
