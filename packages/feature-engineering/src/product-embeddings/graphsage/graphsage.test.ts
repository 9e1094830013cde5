import { keyedStream } from '@retail-sim/random';
import { startWasmBackend, type WasmBackend } from '@retail-sim/world-model';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { holdOutLinks } from '../evaluation/held-out-links.js';
import { strongestLinks } from '../links.js';
import { spectralEmbedding } from '../spectral-embedding.js';
import { groupedShopping } from '../testing/grouped-shopping.js';
import { categoryNodes } from './category-nodes.js';
import { linkLoss } from './link-loss.js';
import { hardNegatives } from './negatives.js';
import { allNeighbours, type MeanEntries, neighbourLists, sampleNeighbours } from './neighbours.js';
import { FEATURE_SIZE, nodeFeatures } from './node-features.js';
import { applySparseMean, disposeSparseMean, sparseMean } from './sparse-mean.js';

const world = groupedShopping({ groups: 4, baskets: 800 });

let backend: WasmBackend;
beforeAll(async () => {
  backend = await startWasmBackend();
});
afterAll(() => backend.close());

/** Sum of the weights of each row. */
function rowSums({ to, weight }: MeanEntries, rows: number): number[] {
  const sums = new Array<number>(rows).fill(0);
  to.forEach((row, at) => {
    sums[row] = (sums[row] ?? 0) + (weight[at] ?? 0);
  });
  return sums;
}

describe('neighbours', () => {
  // Node 0 has five neighbours; node 6 has none; an edge of weight 0 says nothing.
  const lists = neighbourLists(7, [0, 0, 0, 0, 0, 1], [1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 0]);

  test('all of them: weights of a node add up to 1, or there are none', () => {
    expect(rowSums(allNeighbours(lists), 7).map((sum) => sum.toFixed(6))).toEqual([
      ...Array(6).fill('1.000000'),
      '0.000000',
    ]);
  });

  test('a sample has at most the limit, no neighbour twice, and depends on the stream alone', () => {
    const draw = (name: string) => sampleNeighbours(lists, 3, keyedStream(1, name));
    const sample = draw('a');
    const ofZero = Array.from(sample.from).filter((_, at) => sample.to[at] === 0);
    expect(ofZero).toHaveLength(3);
    expect(new Set(ofZero).size).toBe(3);
    expect(rowSums(sample, 7)[0]).toBeCloseTo(1, 6);
    expect(draw('a')).toEqual(sample);
    const names = Array.from({ length: 20 }, (_, i) => String(i));
    expect(new Set(names.map((name) => draw(name).from.join())).size).toBeGreaterThan(1);
  });

  test('a hidden edge is gone from both ends', () => {
    const hidden = new Uint8Array(6);
    hidden[2] = 1;
    const { to, from } = sampleNeighbours(lists, 10, keyedStream(1, 'x'), hidden);
    const pairs = Array.from(to, (row, at) => `${row}-${from[at]}`);
    expect(pairs).not.toContain('0-3');
    expect(pairs).not.toContain('3-0');
    expect(pairs).toContain('0-4');
  });
});

test('a category is the mean of its products, and a product sees its categories, the narrower the more', () => {
  const { count, ofProducts, toProducts } = categoryNodes(world.products);
  // Five sub-commodities and that of nobody else, one commodity, sub-department and department.
  expect(count).toBe(9);
  for (const sum of rowSums(ofProducts, count)) expect(sum).toBeCloseTo(1, 5);
  for (const sum of rowSums(toProducts, world.products.length)) expect(sum).toBeCloseTo(1, 5);
  const closest = Array.from(toProducts.weight).filter((_, at) => toProducts.to[at] === 0);
  expect(closest.map((weight) => weight.toFixed(4))).toEqual(['0.5333', '0.2667', '0.1333', '0.0667']);
});

test('the sparse mean and its gradient are those of the dense matrix', () => {
  const entries = allNeighbours(neighbourLists(5, [0, 1, 2], [1, 2, 3], [1, 2, 3]));
  const matrix = sparseMean(entries, 5, 5);
  const dense = new Float32Array(25);
  entries.to.forEach((row, at) => {
    dense[5 * row + (entries.from[at] ?? 0)] = entries.weight[at] ?? 0;
  });
  const x = tf.tensor2d(
    Float32Array.from({ length: 10 }, (_, i) => Math.sin(i)),
    [5, 2],
  );
  const upstream = tf.tensor2d(
    Float32Array.from({ length: 10 }, (_, i) => Math.cos(i)),
    [5, 2],
  );
  const gradient = tf.grad((input) => applySparseMean(matrix, input).mul(upstream).sum())(x);
  const a = tf.tensor2d(dense, [5, 5]);
  const close = (found: tf.Tensor, expected: tf.Tensor) => {
    const values = expected.dataSync();
    found.dataSync().forEach((value, at) => {
      expect(value).toBeCloseTo(values[at] ?? Number.NaN, 5);
    });
  };
  close(applySparseMean(matrix, x), tf.matMul(a, x));
  close(gradient, tf.matMul(a.transpose(), upstream));
  disposeSparseMean(matrix);
});

test('hard negatives are of the same department and sell about as often; a lonely product gets any', () => {
  const perProduct = Uint32Array.from({ length: 300 }, (_, product) => product);
  const products = Array.from(perProduct, (product) => ({
    productId: `P${product}`,
    categories: {
      sub_commodity: 'CL',
      commodity: 'DEP',
      sub_department: 'G',
      department: product === 299 ? 'lonely' : `D${product % 2}`,
    },
    pseudoBrand: undefined,
    priceTier: undefined,
    price: undefined,
  }));
  const draw = hardNegatives(products, perProduct);
  const stream = keyedStream(1, 'hard');
  for (const product of [0, 1, 150, 298]) {
    for (let i = 0; i < 50; i += 1) {
      const other = draw(product, stream);
      expect(other).not.toBe(product);
      expect(other % 2).toBe(product % 2);
      expect(Math.abs(other - product)).toBeLessThanOrEqual(50);
    }
  }
  expect(draw(299, stream)).toBeLessThan(300);
});

test('features without a pair are those of a world in which it was never bought, to first order', () => {
  const { products, jointBaskets } = world;
  const none = new Uint8Array(jointBaskets.count.length);
  const spectral = spectralEmbedding(jointBaskets, { seed: 42 });
  const [pair = 0] = strongestLinks(jointBaskets);
  const without = none.slice();
  without[pair] = 1;
  const hidden = nodeFeatures(products, jointBaskets, spectral, none)([pair]);
  const never = nodeFeatures(products, jointBaskets, spectral, without)([]);
  const seen = nodeFeatures(products, jointBaskets, spectral, none)([]);
  hidden.spectral.forEach((value, at) => {
    expect(value).toBeCloseTo(never.spectral[at] ?? Number.NaN, 5);
  });
  // Both ends change, nobody else does.
  const changed = products.flatMap((_, p) => {
    const row = (features: Float32Array) => features.slice(p * FEATURE_SIZE, (p + 1) * FEATURE_SIZE).join();
    return row(hidden.features) === row(seen.features) ? [] : [p];
  });
  expect(changed).toEqual(
    [jointBaskets.first[pair], jointBaskets.second[pair]].sort((a, b) => Number(a) - Number(b)),
  );
});

test('the loss is low where links score above the others, and its gradient is the slope', () => {
  const unit = (...rows: number[][]) =>
    tf.tensor2d(rows.map((row) => row.map((v) => v / Math.hypot(...row))));
  const batch = {
    first: Int32Array.of(0),
    second: Int32Array.of(1),
    uniform: Int32Array.of(2, 3),
    hard: Int32Array.of(3),
  };
  const temperature = tf.scalar(0.1);
  const value = (vectors: tf.Tensor) => linkLoss(vectors, batch, temperature).dataSync()[0] ?? Number.NaN;
  const good = unit([1, 0.1], [1, 0], [-1, 0.2], [0, 1]);
  const bad = unit([1, 0.1], [-1, 0.1], [1, 0.2], [1, 0]);
  expect(value(good)).toBeLessThan(0.1);
  expect(value(bad)).toBeGreaterThan(10);
  const start = unit([1, 0.5], [0.7, 1], [-1, 0.2], [0.2, 1]);
  const slope = tf
    .grad((vectors) => linkLoss(vectors, batch, temperature))(start)
    .dataSync();
  const step = 1e-2;
  start.dataSync().forEach((_, at) => {
    const moved = (by: number) =>
      tf.tensor2d(
        start.dataSync().map((v, i) => (i === at ? v + by : v)),
        [4, 2],
      );
    const numeric = (value(moved(step)) - value(moved(-step))) / (2 * step);
    expect(Math.abs(numeric - (slope[at] ?? Number.NaN))).toBeLessThan(0.05 * Math.max(1, Math.abs(numeric)));
  });
});

test('a held-out link is in no list that training reads', () => {
  const { held, leaveOut } = holdOutLinks(world, 1);
  expect(held.length).toBeGreaterThan(0);
  const links = new Set(strongestLinks(world.jointBaskets, leaveOut));
  for (const pair of held) expect(links.has(pair)).toBe(false);
  const all = strongestLinks(world.jointBaskets);
  expect(held.length).toBe(Math.round(all.length * 0.1));
  expect(holdOutLinks(world, 1).held).toEqual(held);
  expect(holdOutLinks(world, 2).held).not.toEqual(held);
});
