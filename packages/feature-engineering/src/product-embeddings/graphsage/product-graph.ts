import type { RandomStream } from '@retail-sim/random';
import * as tf from '@tensorflow/tfjs';
import { PRODUCT_EMBEDDING_SIZE } from '../../schemas/product-embeddings.js';
import { lifts } from '../joint-baskets.js';
import type { ProductEmbeddingsInput } from '../read-embedding-input.js';
import { type CategoryNodes, categoryNodes } from './category-nodes.js';
import type { GraphSageInputs } from './graph-sage.js';
import {
  allNeighbours,
  type MeanEntries,
  type NeighbourLists,
  neighbourLists,
  sampleNeighbours,
} from './neighbours.js';
import { FEATURE_SIZE, type NodeFeatures } from './node-features.js';
import { disposeSparseMean, sparseMean } from './sparse-mean.js';

/** Neighbours that a product sees of each type in one step (spec section 3, layer 3). */
const NEIGHBOURS_PER_TYPE = 10;

/** The product graph that the network aggregates over: three types of edges. */
export interface ProductGraph {
  /** P. */
  readonly products: number;
  /** Weighted by ln(lift). */
  readonly copurchase: NeighbourLists;
  /** Weighted by the substitutability of the data pipeline. */
  readonly substitution: NeighbourLists;
  readonly hierarchy: CategoryNodes;
}

/** The neighbours that are looked at, of the two types that may have many. */
export interface SeenNeighbours {
  readonly copurchase: MeanEntries;
  readonly substitution: MeanEntries;
}

/** @param links copurchase edges, by place in the list of pairs */
export function productGraph(input: ProductEmbeddingsInput, links: Uint32Array): ProductGraph {
  const { products, jointBaskets, substitutes } = input;
  const lift = lifts(jointBaskets);
  return {
    products: products.length,
    copurchase: neighbourLists(
      products.length,
      links.map((pair) => jointBaskets.first[pair] ?? 0),
      links.map((pair) => jointBaskets.second[pair] ?? 0),
      Float64Array.from(links, (pair) => Math.log(lift[pair] ?? 1)),
    ),
    substitution: neighbourLists(products.length, substitutes.from, substitutes.to, substitutes.weight),
    hierarchy: categoryNodes(products),
  };
}

/** What a finished model looks at: everybody (GE-6). */
export function allSeen({ copurchase, substitution }: ProductGraph): SeenNeighbours {
  return { copurchase: allNeighbours(copurchase), substitution: allNeighbours(substitution) };
}

/**
 * What one step of the training looks at.
 *
 * @param hiddenLinks 1 for links that are to be predicted, by place in the list of links
 */
export function someSeen(graph: ProductGraph, stream: RandomStream, hiddenLinks: Uint8Array): SeenNeighbours {
  return {
    copurchase: sampleNeighbours(graph.copurchase, NEIGHBOURS_PER_TYPE, stream, hiddenLinks),
    substitution: sampleNeighbours(graph.substitution, NEIGHBOURS_PER_TYPE, stream),
  };
}

/** Puts features and edges on the current device. */
export function openInputs(
  { features, spectral }: NodeFeatures,
  { products, hierarchy }: ProductGraph,
  seen: SeenNeighbours,
): GraphSageInputs {
  return {
    features: tf.tensor2d(features, [products, FEATURE_SIZE]),
    spectral: tf.tensor2d(spectral, [products, PRODUCT_EMBEDDING_SIZE]),
    copurchase: sparseMean(seen.copurchase, products, products),
    substitution: sparseMean(seen.substitution, products, products),
    categoryOfProducts: sparseMean(hierarchy.ofProducts, hierarchy.count, products),
    productOfCategories: sparseMean(hierarchy.toProducts, products, hierarchy.count),
  };
}

export function closeInputs(inputs: GraphSageInputs): void {
  tf.dispose([inputs.features, inputs.spectral]);
  disposeSparseMean(inputs.copurchase);
  disposeSparseMean(inputs.substitution);
  disposeSparseMean(inputs.categoryOfProducts);
  disposeSparseMean(inputs.productOfCategories);
}
