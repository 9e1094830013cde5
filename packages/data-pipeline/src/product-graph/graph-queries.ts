import type { EdgeAttributes, EdgeType, ProductGraph } from './open-product-graph.js';

export interface Neighbour {
  readonly product: string;
  readonly weight: number;
  readonly edge: EdgeAttributes;
}

/** Products bought together with one, the strongest first. */
export function complementsOf(graph: ProductGraph, product: string, k = Number.POSITIVE_INFINITY) {
  return neighbours(graph, product, 'copurchase', k);
}

/** Products bought instead of one, the strongest first. */
export function substitutesOf(graph: ProductGraph, product: string, k = Number.POSITIVE_INFINITY) {
  return neighbours(graph, product, 'substitution', k);
}

function neighbours(graph: ProductGraph, product: string, type: EdgeType, k: number): Neighbour[] {
  const found: Neighbour[] = [];
  graph.forEachUndirectedEdge(product, (_key, edge, source, target) => {
    if (edge.edge_type !== type) return;
    found.push({ product: source === product ? target : source, weight: edge.weight, edge });
  });
  return found
    .sort((a, b) => b.weight - a.weight || (a.product < b.product ? -1 : 1))
    .slice(0, Math.min(k, found.length));
}

/** Categories above a node, the nearest first. */
export function categoriesOf(graph: ProductGraph, node: string): string[] {
  const above: string[] = [];
  for (let [parent] = graph.outNeighbors(node); parent !== undefined; [parent] = graph.outNeighbors(parent))
    above.push(parent);
  return above;
}

/** Products below a category, at any depth, ascending. */
export function productsIn(graph: ProductGraph, category: string): string[] {
  const products: string[] = [];
  const open = [category];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (graph.getNodeAttribute(node, 'node_type') === 'product') products.push(node);
    else open.push(...graph.inNeighbors(node));
  }
  return products.sort();
}
