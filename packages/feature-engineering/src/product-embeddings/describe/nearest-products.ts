import { PRODUCT_EMBEDDING_SIZE } from '../../schemas/product-embeddings.js';
import { rowProduct } from '../unit-rows.js';

export interface NearProduct {
  /** Place in the list of products. */
  readonly product: number;
  /** Cosine of the two vectors, -1 to 1. */
  readonly similarity: number;
}

/**
 * The products whose vectors point most nearly the same way, the nearest first; ties to the smaller place.
 *
 * @param vectors unit rows, `[P, 256]`
 * @param isCandidate which products may be named; all of them by default
 */
export function nearestProducts(
  vectors: Float32Array,
  product: number,
  count: number,
  isCandidate: (product: number) => boolean = () => true,
): NearProduct[] {
  const products = vectors.length / PRODUCT_EMBEDDING_SIZE;
  return Array.from({ length: products }, (_, other) => ({
    product: other,
    similarity: rowProduct(vectors, product, other, PRODUCT_EMBEDDING_SIZE),
  }))
    .filter((near) => near.product !== product && isCandidate(near.product))
    .sort((a, b) => b.similarity - a.similarity || a.product - b.product)
    .slice(0, count);
}
