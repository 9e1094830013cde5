// Vectors for categories, and from them for products that have none of their own.

import { PRODUCT_EMBEDDING_SIZE } from '../schemas/product-embeddings.js';
import { type EmbeddingProduct, HIERARCHY_LEVELS, type HierarchyLevel } from './read-embedding-input.js';
import { unitRows } from './unit-rows.js';

/** Level and code of the mean of all products. */
export const ALL_PRODUCTS = { level: 'all', code: 'ALL' } as const;

export interface CategoryVector {
  readonly level: HierarchyLevel | typeof ALL_PRODUCTS.level | 'pseudo_brand';
  readonly code: string;
  /** Products with a vector of their own below. */
  readonly products: number;
  /** Normalised mean of theirs, `[256]`. */
  readonly vector: Float32Array;
}

/** Every set of products that can stand in for one of them, from the narrowest. */
const STAND_INS = ['pseudo_brand', ...HIERARCHY_LEVELS, ALL_PRODUCTS.level] as const;

type StandInLevel = (typeof STAND_INS)[number];

/** Ascending by level from pseudo-brands to all products, then by code; `known[i]` is 1 where a row is its own. */
export function categoryVectors(
  products: readonly EmbeddingProduct[],
  vectors: Float32Array,
  known: Uint8Array,
): CategoryVector[] {
  return STAND_INS.flatMap((level) => {
    const members = new Map<string, number[]>();
    products.forEach((product, place) => {
      const code = categoryOf(product, level);
      if (known[place] !== 1 || code === undefined) return;
      const list = members.get(code);
      if (list === undefined) members.set(code, [place]);
      else list.push(place);
    });
    return [...members.keys()].sort(byCodePoint).map((code) => {
      const places = members.get(code) ?? [];
      return { level, code, products: places.length, vector: unitMean(vectors, places) };
    });
  });
}

export interface CompletedVectors {
  readonly vectors: Float32Array;
  /** Where each vector comes from; `own` as it was given. */
  readonly sources: readonly (StandInLevel | 'own' | 'none')[];
}

/** Gives products without a vector that of the narrowest category that has one. */
export function completeVectors(
  products: readonly EmbeddingProduct[],
  vectors: Float32Array,
  known: Uint8Array,
  categories: readonly CategoryVector[],
): CompletedVectors {
  const completed = vectors.slice();
  const byCategory = new Map(categories.map((category) => [`${category.level}\0${category.code}`, category]));
  const sources = products.map((product, place) => {
    if (known[place] === 1) return 'own';
    for (const level of STAND_INS) {
      const category = byCategory.get(`${level}\0${categoryOf(product, level) ?? ''}`);
      if (category === undefined) continue;
      completed.set(category.vector, place * PRODUCT_EMBEDDING_SIZE);
      return level;
    }
    completed.fill(0, place * PRODUCT_EMBEDDING_SIZE, (place + 1) * PRODUCT_EMBEDDING_SIZE);
    return 'none';
  });
  return { vectors: completed, sources };
}

function categoryOf({ categories, pseudoBrand }: EmbeddingProduct, level: StandInLevel): string | undefined {
  if (level === 'pseudo_brand') return pseudoBrand;
  return level === ALL_PRODUCTS.level ? ALL_PRODUCTS.code : categories[level];
}

function unitMean(vectors: Float32Array, places: readonly number[]): Float32Array {
  const sum = new Float64Array(PRODUCT_EMBEDDING_SIZE);
  for (const place of places) {
    const from = place * PRODUCT_EMBEDDING_SIZE;
    for (let k = 0; k < PRODUCT_EMBEDDING_SIZE; k += 1) sum[k] = (sum[k] ?? 0) + (vectors[from + k] ?? 0);
  }
  return unitRows(sum, PRODUCT_EMBEDDING_SIZE);
}

function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
