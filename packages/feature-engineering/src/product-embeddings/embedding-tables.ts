import { type Batch, batchFromRows } from '@retail-sim/artifacts';
import { hierarchyEmbeddings, type productEmbeddings } from '../schemas/product-embeddings.js';
import type { ProductEmbeddingsResult } from './compute-product-embeddings.js';

/** Rows of `product_embeddings.parquet`. */
export function productEmbeddingBatch({
  productIds,
  vectors,
  sources,
}: ProductEmbeddingsResult): Batch<typeof productEmbeddings.columns> {
  const values = [...new Set(sources)].sort();
  const codes = Uint8Array.from(sources, (source) => values.indexOf(source));
  return {
    rows: productIds.length,
    columns: { product_id: productIds, embedding: vectors, source: { codes, values } },
  };
}

/** Rows of `hierarchy_embeddings.parquet`. */
export function hierarchyEmbeddingBatch({
  categories,
}: ProductEmbeddingsResult): Batch<typeof hierarchyEmbeddings.columns> {
  return batchFromRows(
    hierarchyEmbeddings,
    categories
      .filter(({ level }) => level !== 'pseudo_brand')
      .map(({ level, code, products, vector }) => ({ level, code, products, embedding: Array.from(vector) })),
  );
}
