import type { RandomStream } from '@retail-sim/random';

/** Weighted neighbours of every node, for one type of edge. */
export interface NeighbourLists {
  /** `[nodes + 1]`: node `i` owns neighbours `offsets[i]` up to `offsets[i + 1]`. */
  readonly offsets: Uint32Array;
  readonly neighbours: Int32Array;
  readonly weights: Float64Array;
  /** The edge that each entry comes from, by its place in the list that was given. */
  readonly edges: Uint32Array;
}

/** Entries of a sparse matrix whose rows add up to 1, or are empty: `result[to] += weight * x[from]`. */
export interface MeanEntries {
  readonly to: Int32Array;
  readonly from: Int32Array;
  readonly weight: Float32Array;
}

/** Lists of both ends of undirected edges; edges without a positive weight say nothing and are left out. */
export function neighbourLists(
  nodes: number,
  from: ArrayLike<number>,
  to: ArrayLike<number>,
  weight: ArrayLike<number>,
): NeighbourLists {
  const offsets = new Uint32Array(nodes + 1);
  const isEdge = (edge: number) => (weight[edge] ?? 0) > 0;
  for (let edge = 0; edge < weight.length; edge += 1) {
    if (!isEdge(edge)) continue;
    for (const end of [from[edge] ?? 0, to[edge] ?? 0]) offsets[end + 1] = (offsets[end + 1] ?? 0) + 1;
  }
  for (let node = 0; node < nodes; node += 1)
    offsets[node + 1] = (offsets[node + 1] ?? 0) + (offsets[node] ?? 0);
  const next = offsets.slice();
  const entries = offsets[nodes] ?? 0;
  const lists = {
    offsets,
    neighbours: new Int32Array(entries),
    weights: new Float64Array(entries),
    edges: new Uint32Array(entries),
  };
  const put = (node: number, neighbour: number, edge: number) => {
    const at = next[node] ?? 0;
    lists.neighbours[at] = neighbour;
    lists.weights[at] = weight[edge] ?? 0;
    lists.edges[at] = edge;
    next[node] = at + 1;
  };
  for (let edge = 0; edge < weight.length; edge += 1) {
    if (!isEdge(edge)) continue;
    put(from[edge] ?? 0, to[edge] ?? 0, edge);
    put(to[edge] ?? 0, from[edge] ?? 0, edge);
  }
  return lists;
}

/** The weighted mean over all neighbours: what a finished model reads. */
export function allNeighbours(lists: NeighbourLists): MeanEntries {
  return sampleNeighbours(lists, Number.POSITIVE_INFINITY, undefined);
}

/**
 * The weighted mean over at most `limit` neighbours of each node, drawn without replacement (Hamilton, Ying and
 * Leskovec 2017).
 *
 * @param hidden 1 for edges to act as if they were not there
 */
export function sampleNeighbours(
  { offsets, neighbours, weights, edges }: NeighbourLists,
  limit: number,
  stream: RandomStream | undefined,
  hidden?: Uint8Array,
): MeanEntries {
  const to: number[] = [];
  const from: number[] = [];
  const weight: number[] = [];
  const candidates: number[] = [];
  for (let node = 0; node + 1 < offsets.length; node += 1) {
    candidates.length = 0;
    for (let at = offsets[node] ?? 0; at < (offsets[node + 1] ?? 0); at += 1) {
      if (hidden?.[edges[at] ?? 0] !== 1) candidates.push(at);
    }
    const chosen = stream === undefined ? candidates : drawWithoutReplacement(candidates, limit, stream);
    let total = 0;
    for (const at of chosen) total += weights[at] ?? 0;
    for (const at of chosen) {
      to.push(node);
      from.push(neighbours[at] ?? 0);
      weight.push((weights[at] ?? 0) / total);
    }
  }
  return { to: Int32Array.from(to), from: Int32Array.from(from), weight: Float32Array.from(weight) };
}

/** The first steps of a Fisher-Yates shuffle, in place. */
function drawWithoutReplacement(values: number[], limit: number, stream: RandomStream): readonly number[] {
  if (values.length <= limit) return values;
  for (let i = 0; i < limit; i += 1) {
    const j = i + stream.below(values.length - i);
    const kept = values[i] ?? 0;
    values[i] = values[j] ?? 0;
    values[j] = kept;
  }
  return values.slice(0, limit);
}
