import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { batchDigest } from '../../../../tests/tensor-preparation/batch-digest.js';
import { makeWorld, writeUpstream } from '../../../../tests/tensor-preparation/upstream-fixture.js';
import { buildTensors } from '../build/build-tensors.js';
import { earlierBaskets, historyOfBatch } from './history-tokens.js';
import { writePriceOfRow } from './item-prices.js';
import { type OpenTensors, openTensors } from './open-tensors.js';

const settings = { seed: 42, t6: 'prior', t2PositionEncoding: false, longBaskets: 'truncate' } as const;
const rows = Uint32Array.from({ length: 300 }, (_, row) => row);
let tensors: OpenTensors;

beforeAll(async () => {
  const folders = await writeUpstream(makeWorld({ baskets: 300 }));
  await buildTensors({ ...folders, ...settings });
  tensors = await openTensors(folders.tensors);
});
afterAll(async () => {
  tensors.close();
  await rm(dirname(tensors.folder), { recursive: true });
});

/** Mean of vectors, summed one after the other in float32. */
function mean(vectors: readonly Float32Array[], size: number): Float32Array {
  const sum = new Float32Array(size);
  for (const vector of vectors) for (let k = 0; k < size; k++) sum[k] = (sum[k] ?? 0) + (vector[k] ?? 0);
  return vectors.length < 2 ? sum : sum.map((value) => value * (1 / vectors.length));
}

function tokenOf({ tables }: OpenTensors, basketRow: number): Float32Array {
  const { samples, products } = tables;
  const embeddings = Array.from(samples.tokens(basketRow), (token) =>
    products.embeddings.subarray(token * 256, token * 256 + 256),
  );
  const prices = Array.from(samples.priceRows(basketRow)).flatMap((row) => {
    const price = new Float32Array(64);
    writePriceOfRow(tables, row, price, 0);
    return row === 0 ? [] : [price];
  });
  return Float32Array.from([...mean(embeddings, 256), ...mean(prices, 64)]);
}

describe('history tokens', () => {
  test('are the mean T2 and the mean T4 of each earlier basket, bit by bit', () => {
    const { tokens, valid, age, length } = historyOfBatch(tensors.tables, rows, 8);
    expect(length).toBe(8);
    let compared = 0;
    for (const row of rows) {
      const earlier = earlierBaskets(tensors.tables, row, 8);
      for (let place = 0; place < length; place++) {
        const slot = row * length + place;
        const before = earlier[place];
        expect(valid[slot]).toBe(before === undefined ? 0 : 1);
        const token = tokens.subarray(slot * 320, slot * 320 + 320);
        if (before === undefined) {
          expect(token.every((value) => value === 0)).toBe(true);
          continue;
        }
        expect(batchDigest({ token })).toBe(batchDigest({ token: tokenOf(tensors, before) }));
        expect(age[slot]).toBe(tensors.tables.samples.week(row) - tensors.tables.samples.week(before));
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(500);
  });

  test('are the same the second time, and when the place of a kept mean is taken by another basket', () => {
    const { tables } = tensors;
    const first = batchDigest(historyOfBatch(tables, rows, 8));
    expect(batchDigest(historyOfBatch(tables, rows, 8))).toBe(first);
    const crowded = { ...tables, samples: { ...tables.samples, rows: 7 } };
    expect(batchDigest(historyOfBatch(crowded, rows, 8))).toBe(first);
  });
});
