import type { Upstream } from '@retail-sim/artifacts';
import { categoryVectors } from '../category-vectors.js';
import type { ProductEmbeddingsResult } from '../compute-product-embeddings.js';
import { neighbourLists } from '../graphsage/neighbours.js';
import { readEmbeddingProducts, readGraphEdges } from '../read-embedding-input.js';
import { randomFeatures } from './random-features.js';
import { randomGraphSage } from './random-graph-sage.js';

/** Layer 3 in reference mode: random features over the graph of the data pipeline, hash seed 0 (spec section 3, A.4). */
export async function computeReferenceEmbeddings(
  pipeline: Upstream,
  brandsFile: string,
): Promise<ProductEmbeddingsResult> {
  const products = await readEmbeddingProducts(pipeline, brandsFile);
  const lists = async (type: 'copurchase' | 'substitution') => {
    const { from, to, weight } = await readGraphEdges(pipeline, products, type);
    return neighbourLists(products.length, from, to, weight);
  };
  const vectors = randomGraphSage({
    ...randomFeatures(products),
    copurchase: await lists('copurchase'),
    substitution: await lists('substitution'),
  });
  return {
    productIds: products.map(({ productId }) => productId),
    vectors,
    sources: products.map(() => 'graphsage'),
    categories: categoryVectors(products, vectors, new Uint8Array(products.length).fill(1)),
    counts: { products: products.length },
  };
}
