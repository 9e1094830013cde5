// What the embeddings are worth: links that none of them may see are held out, and each has to find them.

import { namedNormals } from '@retail-sim/random';
import { PRODUCT_EMBEDDING_SIZE } from '../../schemas/product-embeddings.js';
import { categoryVectors, completeVectors } from '../category-vectors.js';
import { type OwnVectorsOptions, ownVectors } from '../compute-product-embeddings.js';
import { productGraph } from '../graphsage/product-graph.js';
import { strongestLinks } from '../links.js';
import {
  type EmbeddingProduct,
  HIERARCHY_LEVELS,
  type ProductEmbeddingsInput,
} from '../read-embedding-input.js';
import { randomFeatures } from '../reference/random-features.js';
import { randomGraphSage } from '../reference/random-graph-sage.js';
import { unitRows } from '../unit-rows.js';
import { type HeldOutLinks, holdOutLinks, type LinkScores, scoreLinks } from './held-out-links.js';

export const CONTENDERS = ['untrained GraphSAGE', 'hierarchy only', 'spectral', 'trained GraphSAGE'] as const;
export type Contender = (typeof CONTENDERS)[number];

export interface ContenderScores extends LinkScores {
  readonly contender: Contender;
  readonly seed: number;
}

export type ComparisonOptions = Omit<OwnVectorsOptions, 'embedding' | 'leaveOut' | 'seed'>;

/** Scores of one contender on the links that `seed` holds out. */
export async function scoreContender(
  input: ProductEmbeddingsInput,
  contender: Contender,
  seed: number,
  options: ComparisonOptions,
): Promise<ContenderScores> {
  const heldOut = holdOutLinks(input, seed);
  const vectors = await contenderVectors(input, contender, heldOut, { ...options, seed });
  return { contender, seed, ...scoreLinks(input, vectors, heldOut, seed) };
}

/** Unit rows, `[P, 256]`, made without the held-out links. */
async function contenderVectors(
  input: ProductEmbeddingsInput,
  contender: Contender,
  { leaveOut }: HeldOutLinks,
  options: ComparisonOptions & { readonly seed: number },
): Promise<Float32Array> {
  const { products, jointBaskets } = input;
  switch (contender) {
    case 'untrained GraphSAGE':
      return randomGraphSage({
        ...randomFeatures(products),
        ...productGraph(input, strongestLinks(jointBaskets, leaveOut)),
      });
    case 'hierarchy only':
      return hierarchyVectors(products);
    default: {
      const embedding = contender === 'spectral' ? 'spectral' : 'graphsage';
      const own = await ownVectors(input, { ...options, embedding, leaveOut });
      const categories = categoryVectors(products, own.vectors, own.withPartners);
      return completeVectors(products, own.vectors, own.embedded, categories).vectors;
    }
  }
}

/** Sum of a random vector for each category of a product: cosines count the categories that two products share. */
function hierarchyVectors(products: readonly EmbeddingProduct[]): Float32Array {
  const drawn = new Map<string, Float64Array>();
  const sums = new Float64Array(products.length * PRODUCT_EMBEDDING_SIZE);
  products.forEach(({ categories }, product) => {
    for (const level of HIERARCHY_LEVELS) {
      const name = `hierarchy:${level}:${categories[level] ?? ''}`;
      const vector = drawn.get(name) ?? namedNormals(name, PRODUCT_EMBEDDING_SIZE);
      drawn.set(name, vector);
      vector.forEach((value, k) => {
        const at = product * PRODUCT_EMBEDDING_SIZE + k;
        sums[at] = (sums[at] ?? 0) + value;
      });
    }
  });
  return unitRows(sums, PRODUCT_EMBEDDING_SIZE);
}
