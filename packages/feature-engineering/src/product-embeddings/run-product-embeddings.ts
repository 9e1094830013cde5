import type { LayerContext, LayerResult } from '../layers.js';
import { hierarchyEmbeddings, productEmbeddings } from '../schemas/product-embeddings.js';
import { pseudoBrands } from '../schemas/pseudo-brands.js';
import { computeProductEmbeddings } from './compute-product-embeddings.js';
import { hierarchyEmbeddingBatch, productEmbeddingBatch } from './embedding-tables.js';
import { readEmbeddingInput } from './read-embedding-input.js';

/** Layer 3: reads products, baskets and graph, writes one vector a product and one a category. */
export async function runProductEmbeddings(context: LayerContext): Promise<LayerResult> {
  const { pipeline, split, options, stage, path, progress, signal } = context;
  const input = await readEmbeddingInput(pipeline, {
    fitThroughWeek: split.fitThroughWeek,
    pseudoBrands: path(pseudoBrands),
    signal,
  });
  const { embedding, seed, device, threads } = options;
  const result = await computeProductEmbeddings(input, {
    embedding,
    seed,
    device,
    threads,
    progress,
    signal,
  });
  const { rows } = await stage.table(productEmbeddings, [productEmbeddingBatch(result)]);
  await stage.table(hierarchyEmbeddings, [hierarchyEmbeddingBatch(result)]);
  return { rows, counts: result.counts };
}
