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

/** @throws the reason of `signal` when it is aborted; InputError for a device that can't be had */
export async function computeProductEmbeddings(
  input: ProductEmbeddingsInput,
  options: ProductEmbeddingsOptions,
): Promise<ProductEmbeddingsResult> {
  const { products, jointBaskets } = input;
  const { vectors: own, embedded, withPartners, source, counts } = await ownVectors(input, options);
  const categories = categoryVectors(products, own, withPartners);
  const { vectors, sources } = completeVectors(products, own, embedded, categories);
  return {
    productIds: products.map(({ productId }) => productId),
    vectors,
    sources: sources.map((category) => (category === 'own' ? source : category)),
    categories,
    counts: {
      products: products.length,
      pairs: jointBaskets.count.length,
      withoutOwnVector: sources.filter((category) => category !== 'own').length,
      ...counts,
    },
  };
}

interface OwnVectors {
  /** Unit rows, `[P, 256]`. */
  readonly vectors: Float32Array;
  /** 1 where a product has a vector of its own, `[P]`. */
  readonly embedded: Uint8Array;
  /** 1 where a product was bought with another one often enough, `[P]`: whose mean speaks for a category. */
  readonly withPartners: Uint8Array;
  readonly source: Embedding;
  readonly counts: Readonly<Record<string, number>>;
}

export interface OwnVectorsOptions extends ProductEmbeddingsOptions {
  /** 1 for pairs to act as if they had never been bought together, `[N]`: how embeddings are judged. */
  readonly leaveOut?: Uint8Array;
}

/**
 * Vectors before categories stand in. The spectral embedding has one for every product with a partner; GraphSAGE for
 * every product sold, which it places by its categories, popularity and price where it has no neighbour.
 */
export async function ownVectors(
  input: ProductEmbeddingsInput,
  { embedding, seed, leaveOut, device, threads, progress, signal }: OwnVectorsOptions,
): Promise<OwnVectors> {
  signal?.throwIfAborted();
  const left = leaveOut === undefined ? {} : { leaveOut };
  const fit = progress?.task('layer 3, spectral embedding', 1);
  const spectral = spectralEmbedding(input.jointBaskets, { seed, ...left });
  fit?.done();
  const { known: withPartners } = spectral;
  if (embedding === 'graphsage') {
    signal?.throwIfAborted();
    const training = progress?.task('layer 3, GraphSAGE', 1, 'steps');
    // Loads tfjs, which the other embedding can do without.
    const { trainOnDevice } = await import('./graphsage/train-on-device.js');
    const trained = await trainOnDevice(input, spectral, {
      seed,
      device,
      threads,
      ...left,
      onStep: (step, steps) => {
        training?.setTotal(steps);
        training?.update(step);
      },
      ...(signal === undefined ? {} : { signal }),
    });
    training?.done();
    if (trained !== undefined) {
      const { vectors, links, steps, bestStep, score } = trained;
      return {
        vectors,
        embedded: Uint8Array.from(input.jointBaskets.perProduct, (baskets) => (baskets > 0 ? 1 : 0)),
        withPartners,
        source: 'graphsage',
        counts: { links, steps, bestStep, validationScore: score },
      };
    }
  }
  return {
    vectors: unitRows(spectral.vectors, PRODUCT_EMBEDDING_SIZE),
    embedded: withPartners,
    withPartners,
    source: 'spectral',
    counts: {},
  };
}
