import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Folders,
  makeWorld,
  type World,
  writeUpstream,
} from '../../../../tests/tensor-preparation/upstream-fixture.js';
import type { Batch } from '../batch.js';
import { buildTensors } from '../build/build-tensors.js';
import { openLoader } from './open-loader.js';
import { SIMILARITY_FEATURES } from './similar-baskets.js';

const settings = { seed: 42, t6: 'prior', t2PositionEncoding: false, longBaskets: 'truncate' } as const;
const opened: Folders[] = [];

async function batchesOf(world: World): Promise<Batch[]> {
  const folders = await writeUpstream(world);
  opened.push(folders);
  await buildTensors({ ...folders, ...settings });
  await using loader = await openLoader({
    folder: folders.tensors,
    split: 'train',
    batchSize: 64,
    seed: 42,
    shuffle: false,
    prefetch: 0,
    repeats: true,
    similarBaskets: true,
  });
  const batches: Batch[] = [];
  for await (const batch of loader.batches(1)) batches.push(batch);
  return batches;
}

let batches: Batch[];
beforeAll(async () => {
  batches = await batchesOf(makeWorld({ baskets: 300 }));
});
afterAll(async () => {
  for (const { tensors } of opened) await rm(dirname(tensors), { recursive: true });
});

/** Comparisons of one basket of a batch, and the products of each earlier basket. */
function comparisonsOf({ similarBaskets, repeats }: Batch, basket: number) {
  if (similarBaskets === undefined || repeats === undefined) throw new Error('not loaded');
  const { offsets, features, itemBaskets, itemCandidates } = similarBaskets;
  const from = offsets[basket] ?? 0;
  const count = (offsets[basket + 1] ?? 0) - from;
  return Array.from({ length: count }, (_, index) => ({
    features: features.subarray(
      (from + index) * SIMILARITY_FEATURES,
      (from + index + 1) * SIMILARITY_FEATURES,
    ),
    products: [...itemBaskets.keys()]
      .filter((item) => itemBaskets[item] === from + index)
      .map((item) => repeats.productIds[itemCandidates[item] ?? 0] ?? 0),
  }));
}

const visibleOf = (batch: Batch, basket: number): Set<number> => {
  const start = basket * batch.positions;
  const items = [...batch.originalIds.subarray(start, start + (batch.lengths[basket] ?? 1) - 1)];
  const hidden = new Set(
    batch.maskedPositions.subarray(basket * batch.maskedLength, (basket + 1) * batch.maskedLength),
  );
  return new Set(items.filter((_, position) => !hidden.has(position)));
};

describe('comparisons with earlier baskets', () => {
  it('are one for each earlier basket, none for anonymous ones, and count what is visible', () => {
    let compared = 0;
    for (const batch of batches) {
      for (let basket = 0; basket < batch.size; basket++) {
        const comparisons = comparisonsOf(batch, basket);
        expect(comparisons.length).toBe(batch.keys.priorBaskets[basket]);
        const visible = visibleOf(batch, basket);
        for (const { features, products } of comparisons) {
          const shared = products.filter((product) => visible.has(product)).length;
          const either = products.length + visible.size - shared;
          expect(features[0]).toBeCloseTo(visible.size === 0 ? 0 : shared / visible.size, 6);
          expect(features[1]).toBeCloseTo(shared / either, 6);
          compared++;
        }
      }
    }
    expect(compared).toBeGreaterThan(1000);
  });
});
