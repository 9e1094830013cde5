import { connectedComponents } from 'graphology-components';
import type { EdgeType, ProductGraph } from '../product-graph/open-product-graph.js';

export interface GraphDescription {
  readonly products: number;
  readonly categories: number;
  readonly edges: Readonly<Record<EdgeType, number>>;
  readonly edgeTypes: Readonly<Record<'copurchase' | 'substitution', DegreeDescription>>;
  /** Of all edges, the hierarchy's included. */
  readonly components: number;
  readonly largestComponent: number;
}

/** How many neighbours of one type the products have. */
export interface DegreeDescription {
  readonly productsWithout: number;
  readonly meanDegree: number;
  readonly maxDegree: number;
  readonly medianWeight: number | null;
}

export function describeGraph(graph: ProductGraph): GraphDescription {
  const products = graph.filterNodes((_, { node_type }) => node_type === 'product');
  const edges = { copurchase: 0, substitution: 0, hierarchy: 0 };
  graph.forEachEdge((_, { edge_type }) => {
    edges[edge_type] += 1;
  });
  const components = connectedComponents(graph);
  return {
    products: products.length,
    categories: graph.order - products.length,
    edges,
    edgeTypes: {
      copurchase: degrees(graph, products, 'copurchase'),
      substitution: degrees(graph, products, 'substitution'),
    },
    components: components.length,
    largestComponent: components.reduce((largest, { length }) => Math.max(largest, length), 0),
  };
}

function degrees(graph: ProductGraph, products: readonly string[], type: EdgeType): DegreeDescription {
  const degree = new Map(products.map((product) => [product, 0]));
  const weights: number[] = [];
  graph.forEachUndirectedEdge((_, { edge_type, weight }, source, target) => {
    if (edge_type !== type) return;
    weights.push(weight);
    for (const end of [source, target]) degree.set(end, (degree.get(end) ?? 0) + 1);
  });
  const counts = [...degree.values()];
  return {
    productsWithout: counts.filter((count) => count === 0).length,
    meanDegree: counts.length === 0 ? 0 : (2 * weights.length) / counts.length,
    maxDegree: counts.reduce((largest, count) => Math.max(largest, count), 0),
    medianWeight: weights.sort((a, b) => a - b)[weights.length >> 1] ?? null,
  };
}
