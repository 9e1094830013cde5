// Groups of products that compete (spec section 3, layer 1, step 4; defect PB-1).

import type { SubstitutionEdges } from '../read-processed/read-graph-products.js';

/** Disjoint sets of places 0..length-1; the smallest place of a set stands for it. */
function disjointSets(length: number) {
  const parent = Uint32Array.from({ length }, (_, place) => place);
  function find(place: number): number {
    let root = place;
    while (parent[root] !== root) root = parent[root] ?? 0;
    for (let at = place; at !== root; ) {
      const next = parent[at] ?? 0;
      parent[at] = root;
      at = next;
    }
    return root;
  }
  return {
    find,
    join(a: number, b: number): void {
      const [low, high] = [find(a), find(b)].sort((x, y) => x - y);
      if (low !== undefined && high !== undefined) parent[high] = low;
    },
  };
}

/**
 * Substitution group of each product: edges count only inside one `group` (sub-commodity and tier). Groups are numbered
 * from 1 by their first product within (sub-commodity, tier); 0 is a product without such an edge.
 *
 * @param groups one text a product, ascending by product id
 */
export function substitutionClusters(groups: readonly string[], edges: SubstitutionEdges): Int32Array {
  const sets = disjointSets(groups.length);
  const isLinked = new Uint8Array(groups.length);
  edges.from.forEach((from, edge) => {
    const to = edges.to[edge] ?? from;
    if (from === to || groups[from] !== groups[to]) return;
    sets.join(from, to);
    isLinked[from] = 1;
    isLinked[to] = 1;
  });
  const clusters = new Int32Array(groups.length);
  const inGroup = new Map<string, number>();
  groups.forEach((group, place) => {
    if (isLinked[place] === 0) return;
    const root = sets.find(place);
    if (root === place) {
      const number = (inGroup.get(group) ?? 0) + 1;
      inGroup.set(group, number);
      clusters[place] = number;
    } else {
      clusters[place] = clusters[root] ?? 0;
    }
  });
  return clusters;
}

/**
 * The reference: components over all edges of at least `threshold`, relabelled 0, 1, 2 ... within the sub-commodity by
 * first appearance, products without an edge being a component of their own kind.
 */
export function referenceClusters(
  categories: readonly string[],
  edges: SubstitutionEdges,
  threshold: number,
): Int32Array {
  const clusters = new Int32Array(categories.length);
  const sets = disjointSets(categories.length);
  const isLinked = new Uint8Array(categories.length);
  edges.from.forEach((from, edge) => {
    if ((edges.weight[edge] ?? 0) < threshold) return;
    const to = edges.to[edge] ?? from;
    sets.join(from, to);
    isLinked[from] = 1;
    isLinked[to] = 1;
  });
  const labels = new Map<string, number>();
  const used = new Map<string, number>();
  categories.forEach((category, place) => {
    const key = `${category}\0${isLinked[place] === 0 ? -1 : sets.find(place)}`;
    let label = labels.get(key);
    if (label === undefined) {
      label = used.get(category) ?? 0;
      used.set(category, label + 1);
      labels.set(key, label);
    }
    clusters[place] = label;
  });
  return clusters;
}
