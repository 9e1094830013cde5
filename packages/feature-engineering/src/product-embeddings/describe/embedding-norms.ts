import { PRODUCT_EMBEDDING_SIZE } from '../../schemas/product-embeddings.js';
import { rowLength } from '../unit-rows.js';

/** Every product vector should have norm 1, or be zero where nothing is known about the product. */
export interface EmbeddingNorms {
  readonly products: number;
  readonly zero: number;
  /** Over the vectors that are not zero; 0 without any. */
  readonly smallest: number;
  readonly mean: number;
  readonly largest: number;
}

/** @param vectors `[P, 256]` */
export function embeddingNorms(vectors: Float32Array): EmbeddingNorms {
  const products = vectors.length / PRODUCT_EMBEDDING_SIZE;
  const norms = Array.from({ length: products }, (_, product) =>
    rowLength(vectors, product * PRODUCT_EMBEDDING_SIZE, PRODUCT_EMBEDDING_SIZE),
  );
  const known = norms.filter((norm) => norm > 0);
  const sum = known.reduce((total, norm) => total + norm, 0);
  return {
    products,
    zero: products - known.length,
    smallest: known.reduce((least, norm) => Math.min(least, norm), known[0] ?? 0),
    mean: known.length === 0 ? 0 : sum / known.length,
    largest: known.reduce((most, norm) => Math.max(most, norm), 0),
  };
}
