import { InputError } from '@retail-sim/errors';
import { describe, expect, test } from 'vitest';
import {
  computeProductEmbeddings,
  EMBEDDINGS,
  type Embedding,
  type ProductEmbeddingsResult,
} from './compute-product-embeddings.js';
import { nearestProducts } from './describe/nearest-products.js';
import { hierarchyEmbeddingBatch, productEmbeddingBatch } from './embedding-tables.js';
import { scoreContender } from './evaluation/compare-embeddings.js';
import { createBasketCounter } from './joint-baskets.js';
import type { ProductEmbeddingsInput } from './read-embedding-input.js';
import { groupedShopping, UNLINKED } from './testing/grouped-shopping.js';
import { rowLength } from './unit-rows.js';

const WIDTH = 256;
const PRODUCTS_PER_GROUP = 10;
const world = groupedShopping();

function compute(
  embedding: Embedding,
  input = world,
  { threads = 1, seed = 42 } = {},
): Promise<ProductEmbeddingsResult> {
  return computeProductEmbeddings(input, { embedding, seed, device: 'wasm', threads });
}

function row({ vectors }: ProductEmbeddingsResult, place: number): Float32Array {
  return vectors.slice(place * WIDTH, (place + 1) * WIDTH);
}

/** Products `first` up to `end` of the world, as if the others did not exist. */
function onlyProducts(end: number): ProductEmbeddingsInput {
  const none = new Uint32Array(0);
  return {
    products: world.products.slice(0, end),
    jointBaskets: createBasketCounter(end).finish(),
    substitutes: { from: none, to: none, weight: new Float64Array(0) },
  };
}

describe.each(EMBEDDINGS)('%s', (embedding) => {
  test('one vector of norm 1 a product, in the order of the products', async () => {
    const result = await compute(embedding);
    expect(result.productIds).toEqual(world.products.map(({ productId }) => productId));
    expect(result.vectors).toHaveLength(world.products.length * WIDTH);
    for (let place = 0; place < world.products.length; place += 1) {
      expect(rowLength(result.vectors, place * WIDTH, WIDTH)).toBeCloseTo(1, 5);
    }
    const sold = world.products.length - UNLINKED;
    expect(new Set(result.sources.slice(0, sold))).toEqual(new Set([embedding]));
  });

  test('products that nobody buys get the mean of their category, or of the next wider one', async () => {
    const result = await compute(embedding);
    const [inCategory, alone] = [world.products.length - 2, world.products.length - 1];
    expect([result.sources[inCategory], result.sources[alone]]).toEqual(['sub_commodity', 'commodity']);
    const category = result.categories.find(({ code }) => code === 'CL0');
    expect(row(result, inCategory)).toEqual(category?.vector);
  });

  test('a product that is always bought alone: placed by the network, else the mean of its category', async () => {
    const result = await compute(embedding);
    const alone = world.products.length - UNLINKED;
    expect(result.sources[alone]).toBe(embedding === 'graphsage' ? 'graphsage' : 'sub_commodity');
    expect(rowLength(result.vectors, alone * WIDTH, WIDTH)).toBeCloseTo(1, 5);
  });

  test('the same seed gives the same bytes, on one thread and on two', async () => {
    const one = await compute(embedding);
    const again = await compute(embedding);
    const two = await compute(embedding, world, { threads: 2 });
    expect(again.vectors).toEqual(one.vectors);
    expect(two.vectors).toEqual(one.vectors);
  });

  test('the order of the substitutes changes nothing that matters', async () => {
    const { from, to, weight } = world.substitutes;
    const turned = { from: to.toReversed(), to: from.toReversed(), weight: weight.toReversed() };
    const one = await compute(embedding);
    const other = await compute(embedding, { ...world, substitutes: turned });
    one.vectors.forEach((value, at) => {
      expect(Math.abs(value - (other.vectors[at] ?? 0))).toBeLessThan(0.05);
    });
  });

  test('products of one group are nearer to each other than to the others', async () => {
    const result = await compute(embedding);
    let same = 0;
    const sold = world.products.length - UNLINKED;
    for (let place = 0; place < sold; place += 1) {
      const group = Math.floor(place / PRODUCTS_PER_GROUP);
      for (const { product } of nearestProducts(result.vectors, place, 3)) {
        if (product < sold && Math.floor(product / PRODUCTS_PER_GROUP) === group) same += 1;
      }
    }
    expect(same / (3 * sold)).toBeGreaterThan(0.8);
  });

  test('one product, and none, are no error', async () => {
    const one = await compute(embedding, onlyProducts(1));
    expect(one.sources).toEqual(['none']);
    expect(one.vectors.every((value) => value === 0)).toBe(true);
    const none = await compute(embedding, onlyProducts(0));
    expect(none.vectors).toHaveLength(0);
    expect(productEmbeddingBatch(none).rows).toBe(0);
    expect(hierarchyEmbeddingBatch(none).rows).toBe(0);
  });

  test('an abort ends it with the reason', async () => {
    const signal = AbortSignal.abort(new Error('stopped by hand'));
    const options = { embedding, seed: 42, device: 'wasm', threads: 1, signal } as const;
    await expect(computeProductEmbeddings(world, options)).rejects.toThrow('stopped by hand');
  });
});

test('another seed trains another network', async () => {
  const [one, other] = [await compute('graphsage'), await compute('graphsage', world, { seed: 43 })];
  expect(other.vectors).not.toEqual(one.vectors);
});

test('GraphSAGE without enough links is the spectral embedding, and says so', async () => {
  const few = groupedShopping({ groups: 2, productsPerGroup: 4, baskets: 200 });
  const [trained, spectral] = [await compute('graphsage', few), await compute('spectral', few)];
  expect(trained.sources).toEqual(spectral.sources);
  expect(trained.vectors).toEqual(spectral.vectors);
});

test('a device that does not exist is refused by name', async () => {
  const options = { embedding: 'graphsage', seed: 42, device: 'abacus', threads: 1 } as const;
  await expect(computeProductEmbeddings(world, options)).rejects.toThrow(InputError);
});

test('tables hold every product, and every category but pseudo-brands', async () => {
  const result = await compute('spectral');
  const { columns, rows } = productEmbeddingBatch(result);
  expect(rows).toBe(world.products.length);
  expect(columns.source.values[columns.source.codes[0] ?? 0]).toBe('spectral');
  const categories = hierarchyEmbeddingBatch(result);
  expect(categories.columns.code.at(-1)).toBe('ALL');
  expect(categories.rows).toBe(5 + 1 + 1 + 1 + 1);
});

test('held-out links are found by their cosine, by training better than by chance and by random features', async () => {
  const options = { device: 'wasm', threads: 1 } as const;
  const trained = await scoreContender(world, 'trained GraphSAGE', 1, options);
  const untrained = await scoreContender(world, 'untrained GraphSAGE', 1, options);
  expect(trained.auc).toBeGreaterThan(0.9);
  expect(trained.auc).toBeGreaterThan(untrained.auc);
});
