import type { LayerContext, LayerResult } from '../layers.js';
import { hierarchyEmbeddings, productEmbeddings } from '../schemas/product-embeddings.js';
import { pseudoBrands } from '../schemas/pseudo-brands.js';
import { computeProductEmbeddings, type ProductEmbeddingsResult } from './compute-product-embeddings.js';
import { hierarchyEmbeddingBatch, productEmbeddingBatch } from './embedding-tables.js';
import { readEmbeddingInput } from './read-embedding-input.js';
import { computeReferenceEmbeddings } from './reference/compute-reference-embeddings.js';

/** Layer 3: reads products, baskets and graph, writes one vector a product and one a category. */
export async function runProductEmbeddings(context: LayerContext): Promise<LayerResult> {
  const { options, stage, pipeline, path } = context;
  const result =
    options.mode === 'reference'
      ? await computeReferenceEmbeddings(pipeline, path(pseudoBrands))
      : await learnedEmbeddings(context);
  const { rows } = await stage.table(productEmbeddings, [productEmbeddingBatch(result)]);
  await stage.table(hierarchyEmbeddings, [hierarchyEmbeddingBatch(result)]);
  return { rows, counts: result.counts };
}

async function learnedEmbeddings(context: LayerContext): Promise<ProductEmbeddingsResult> {
  const { pipeline, split, options, path, progress, signal } = context;
  const input = await readEmbeddingInput(pipeline, {
    fitThroughWeek: split.fitThroughWeek,
    pseudoBrands: path(pseudoBrands),
    signal,
  });
  const { embedding, seed, device, threads } = options;
  return computeProductEmbeddings(input, { embedding, seed, device, threads, progress, signal });
}
