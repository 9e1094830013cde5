// Layer 3: a vector for every product (spec section 3, layer 3).

import type { Progress } from '@retail-sim/cli';
import { PRODUCT_EMBEDDING_SIZE } from '../schemas/product-embeddings.js';
import { type CategoryVector, categoryVectors, completeVectors } from './category-vectors.js';
import type { ProductEmbeddingsInput } from './read-embedding-input.js';
import { spectralEmbedding } from './spectral-embedding.js';
import { unitRows } from './unit-rows.js';

export const EMBEDDINGS = ['graphsage', 'spectral'] as const;
export type Embedding = (typeof EMBEDDINGS)[number];

export interface ProductEmbeddingsOptions {
  readonly embedding: Embedding;
  readonly seed: number;
  /** Where GraphSAGE trains; see `--device`. */
  readonly device: string;
  /** Threads of the training; the vectors do not depend on it. */
  readonly threads: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

export interface ProductEmbeddingsResult {
  /** As in the input, `[P]`. */
  readonly productIds: readonly string[];
  /** `[P, 256]`, rows of norm 1; zero only where the source is none. */
  readonly vectors: Float32Array;
  /** graphsage or spectral, or the category whose mean stands in, or none, `[P]`. */
  readonly sources: readonly string[];
  /** Pseudo-brands, the levels of the hierarchy and all products, from the narrowest. */
  readonly categories: readonly CategoryVector[];
  /** What the run is about, for the report and the manifest. */
  readonly counts: Readonly<Record<string, number>>;
}

/** @throws the reason of `signal` when it is aborted */
export async function computeProductEmbeddings(
  input: ProductEmbeddingsInput,
  options: ProductEmbeddingsOptions,
): Promise<ProductEmbeddingsResult> {
  const { products, jointBaskets } = input;
  const { embedding, seed, progress, signal } = options;
  signal?.throwIfAborted();
  const task = progress?.task('layer 3, product embeddings', 1);
  const spectral = spectralEmbedding(jointBaskets, { seed });
  const own = unitRows(spectral.vectors, PRODUCT_EMBEDDING_SIZE);
  task?.done();
  const categories = categoryVectors(products, own, spectral.known);
  const { vectors, sources } = completeVectors(products, own, spectral.known, categories);
  return {
    productIds: products.map(({ productId }) => productId),
    vectors,
    sources: sources.map((source) => (source === 'own' ? embedding : source)),
    categories,
    counts: {
      products: products.length,
      pairs: jointBaskets.count.length,
      withoutOwnVector: sources.filter((source) => source !== 'own').length,
    },
  };
}
