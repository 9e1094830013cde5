import { expect, test } from 'vitest';
import { categoryVectors, completeVectors } from './category-vectors.js';
import type { EmbeddingProduct } from './read-embedding-input.js';

const WIDTH = 256;

function product(productId: string, categories: readonly string[], pseudoBrand?: string): EmbeddingProduct {
  const [sub_commodity, commodity, sub_department, department] = categories;
  return {
    productId,
    categories: { sub_commodity, commodity, sub_department, department },
    pseudoBrand,
    priceTier: undefined,
    price: undefined,
  };
}

/** Unit vectors along the given axes; a negative axis is a product without one. */
function alongAxes(axes: readonly number[]): { vectors: Float32Array; known: Uint8Array } {
  const vectors = new Float32Array(axes.length * WIDTH);
  axes.forEach((axis, row) => {
    if (axis >= 0) vectors[row * WIDTH + axis] = 1;
  });
  return { vectors, known: Uint8Array.from(axes, (axis) => (axis >= 0 ? 1 : 0)) };
}

const D1 = ['DEP1', 'G1', 'D1'] as const;
const products = [
  product('P1', ['CL1', ...D1], 'brand'),
  product('P2', ['CL1', ...D1]),
  product('P3', ['CL2', ...D1]),
  product('isolated in a brand', ['CL1', ...D1], 'brand'),
  product('isolated in a category', ['CL1', ...D1], 'brand of nobody else'),
  product('isolated in a new category', ['CL9', ...D1]),
  product('of nothing known', []),
];

test('a category is the normalised mean of the products that have a vector', () => {
  const { vectors, known } = alongAxes([0, 1, 2, -1, -1, -1, -1]);
  const categories = categoryVectors(products, vectors, known);
  expect(categories.map(({ level, code, products: below }) => `${level} ${code} ${below}`)).toEqual([
    'pseudo_brand brand 1',
    'sub_commodity CL1 2',
    'sub_commodity CL2 1',
    'commodity DEP1 3',
    'sub_department G1 3',
    'department D1 3',
    'all ALL 3',
  ]);
  expect(categories[1]?.vector[0]).toBeCloseTo(Math.SQRT1_2, 6);
  for (const { vector } of categories) expect(Math.hypot(...vector)).toBeCloseTo(1, 6);
});

test('a product without partners gets the vector of the narrowest category that has one', () => {
  const { vectors, known } = alongAxes([0, 1, 2, -1, -1, -1, -1]);
  const completed = completeVectors(products, vectors, known, categoryVectors(products, vectors, known));
  expect(completed.sources).toEqual([
    'own',
    'own',
    'own',
    'pseudo_brand',
    'sub_commodity',
    'commodity',
    'all',
  ]);
  const row = (at: number) => completed.vectors.slice(at * WIDTH, (at + 1) * WIDTH);
  expect(row(3)).toEqual(row(0));
  expect(row(4)[0]).toBeCloseTo(Math.SQRT1_2, 6);
  expect(row(5)[2]).toBeCloseTo(1 / Math.sqrt(3), 6);
});

test('where nothing is known at all, vectors are zero and say so', () => {
  const { vectors, known } = alongAxes([-1, -1, -1, -1, -1, -1, -1]);
  const completed = completeVectors(products, vectors, known, categoryVectors(products, vectors, known));
  expect(new Set(completed.sources)).toEqual(new Set(['none']));
  expect(completed.vectors.every((value) => value === 0)).toBe(true);
});
