import { type EmbeddingProduct, HIERARCHY_LEVELS } from '../read-embedding-input.js';
import type { MeanEntries } from './neighbours.js';

/** How close the levels are to a product, from the narrowest: weights of the hierarchy edges (spec section 2, 2.6). */
const CLOSENESS = [1, 0.5, 0.25, 0.125] as const;

/** The category nodes of the product graph, all levels in one list, and how they and the products see each other. */
export interface CategoryNodes {
  /** G. */
  readonly count: number;
  /** A category is the mean of its products: `[G, P]`. */
  readonly ofProducts: MeanEntries;
  /** A product sees its categories, the narrower the more: `[P, G]`. */
  readonly toProducts: MeanEntries;
}

export function categoryNodes(products: readonly EmbeddingProduct[]): CategoryNodes {
  const codes = HIERARCHY_LEVELS.flatMap((level) => {
    const found = new Set(products.map(({ categories }) => categories[level]));
    return [...found].flatMap((code) => (code === undefined ? [] : [`${level}\0${code}`]));
  });
  const node = new Map(codes.sort().map((code, place) => [code, place]));
  const members = Array.from(codes, (): number[] => []);
  const toProducts = { to: [] as number[], from: [] as number[], weight: [] as number[] };
  products.forEach(({ categories }, product) => {
    const seen = HIERARCHY_LEVELS.flatMap((level, distance) => {
      const place = node.get(`${level}\0${categories[level] ?? ''}`);
      return place === undefined ? [] : [{ place, closeness: CLOSENESS[distance] ?? 0 }];
    });
    const total = seen.reduce((sum, { closeness }) => sum + closeness, 0);
    for (const { place, closeness } of seen) {
      members[place]?.push(product);
      toProducts.to.push(product);
      toProducts.from.push(place);
      toProducts.weight.push(closeness / total);
    }
  });
  const entries = members.flatMap((list, to) => list.map((from) => ({ to, from, weight: 1 / list.length })));
  return {
    count: codes.length,
    ofProducts: {
      to: Int32Array.from(entries, ({ to }) => to),
      from: Int32Array.from(entries, ({ from }) => from),
      weight: Float32Array.from(entries, ({ weight }) => weight),
    },
    toProducts: {
      to: Int32Array.from(toProducts.to),
      from: Int32Array.from(toProducts.from),
      weight: Float32Array.from(toProducts.weight),
    },
  };
}
