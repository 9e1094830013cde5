/** An undirected edge that competes with the other edges of its two ends. */
export interface RankedEdge {
  readonly source: number;
  readonly target: number;
}

/**
 * Keeps an edge that is among the first `k` of at least one of its ends (union of k nearest neighbours, PG-2): no node
 * with a candidate ends without an edge. `compare` orders the edges of one node, given that node.
 */
export function keepTopKOfEither<E extends RankedEdge>(
  edges: readonly E[],
  k: number,
  compare: (a: E, b: E, node: number) => number,
): E[] {
  const kept = new Set<E>();
  for (const [node, incident] of incidentEdges(edges)) {
    for (const edge of incident.sort((a, b) => compare(a, b, node)).slice(0, k)) kept.add(edge);
  }
  return edges.filter((edge) => kept.has(edge));
}

/**
 * The reference's rule: an edge beyond the first `k` of either end goes, so hubs strip their neighbours. Ties keep the
 * order in which a walk over the nodes, ascending, meets the edges; `edges` come in the order of their insertion.
 */
export function dropBeyondTopKOfAny<E extends RankedEdge>(
  edges: readonly E[],
  k: number,
  weight: (edge: E) => number,
): E[] {
  const dropped = new Set<E>();
  const incident = incidentEdges(edges);
  const listed = new Map<number, E[]>();
  for (const node of [...incident.keys()].sort((a, b) => a - b)) {
    for (const edge of incident.get(node) ?? []) {
      if (Math.min(edge.source, edge.target) !== node) continue;
      push(listed, edge.source, edge);
      push(listed, edge.target, edge);
    }
  }
  for (const list of listed.values()) {
    // Array.sort is stable, as the reference's is.
    for (const edge of [...list].sort((a, b) => weight(b) - weight(a)).slice(k)) dropped.add(edge);
  }
  return edges.filter((edge) => !dropped.has(edge));
}

/** The edges of each node, in the order given. */
function incidentEdges<E extends RankedEdge>(edges: readonly E[]): Map<number, E[]> {
  const incident = new Map<number, E[]>();
  for (const edge of edges) {
    push(incident, edge.source, edge);
    push(incident, edge.target, edge);
  }
  return incident;
}

function push<E>(lists: Map<number, E[]>, key: number, value: E): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
