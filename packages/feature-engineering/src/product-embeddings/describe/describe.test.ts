import { expect, test } from 'vitest';
import { embeddingNorms } from './embedding-norms.js';
import { nearestProducts } from './nearest-products.js';
import { productMap, productMapSvg } from './product-map.js';

const WIDTH = 256;

function rows(...given: readonly (readonly number[])[]): Float32Array {
  const vectors = new Float32Array(given.length * WIDTH);
  given.forEach((values, row) => {
    vectors.set(values, row * WIDTH);
  });
  return vectors;
}

test('nearest products come by cosine, without the product itself, ties by place', () => {
  const vectors = rows([1, 0], [0.8, 0.6], [0, 1], [0.8, 0.6]);
  expect(nearestProducts(vectors, 0, 2).map(({ product }) => product)).toEqual([1, 3]);
  expect(nearestProducts(vectors, 0, 1)[0]?.similarity).toBeCloseTo(0.8, 6);
  const notTheSecond = nearestProducts(vectors, 0, 2, (product) => product !== 1);
  expect(notTheSecond.map(({ product }) => product)).toEqual([3, 2]);
  expect(nearestProducts(rows([1]), 0, 5)).toEqual([]);
});

test('norms leave zero vectors out and count them', () => {
  const norms = embeddingNorms(rows([1], [0.6, 0.8], [0]));
  expect(norms).toMatchObject({ products: 3, zero: 1 });
  expect([norms.smallest, norms.mean, norms.largest].map((norm) => norm.toFixed(6))).toEqual(
    Array(3).fill('1.000000'),
  );
  expect(embeddingNorms(new Float32Array(0))).toEqual({
    products: 0,
    zero: 0,
    smallest: 0,
    mean: 0,
    largest: 0,
  });
});

test('the map shows the two directions that vary most', () => {
  const { points, explained } = productMap(rows([5, 0, 0], [-5, 0, 0], [0, 2, 0], [0, -2, 0], [0, 0, 0.1]));
  expect(Math.abs(points[0] ?? 0)).toBeCloseTo(5, 1);
  expect(Math.abs(points[5] ?? 0)).toBeCloseTo(2, 1);
  expect(explained).toBeGreaterThan(0.99);
});

test('the map has a point a product, coloured and named by its department; names are escaped', () => {
  const products = [
    { productId: 'P1', group: 'D1' },
    { productId: 'P2', group: 'D1' },
    { productId: 'P3', group: '<D&2>' },
  ];
  const svg = productMapSvg(productMap(rows([1], [0, 1], [0, 0, 1])), products);
  const dots = [...svg.matchAll(/<circle[^>]*fill="(#\w+)"><title>([^<]*)<\/title>/g)];
  expect(dots.map(([, , title]) => title)).toEqual(['P1, D1', 'P2, D1', 'P3, &lt;D&amp;2&gt;']);
  expect(dots[0]?.[1]).toBe(dots[1]?.[1]);
  expect(dots[0]?.[1]).not.toBe(dots[2]?.[1]);
});

test('a map of one product, and of none, is drawn', () => {
  expect(productMapSvg(productMap(rows([1])), [{ productId: 'P1', group: 'D1' }])).toContain('1 products');
  expect(productMapSvg(productMap(new Float32Array(0)), [])).toContain('0 products');
});
