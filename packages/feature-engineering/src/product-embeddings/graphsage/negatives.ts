import type { RandomStream } from '@retail-sim/random';
import type { EmbeddingProduct } from '../read-embedding-input.js';

/** A hard negative is at most so many places away in the order of popularity of its department. */
const RANKS_AWAY = 25;

/** Draws products that look like a given one: the same department, sold about as often. */
export type HardNegatives = (product: number, stream: RandomStream) => number;

/** @param perProduct baskets with each product, `[P]` */
export function hardNegatives(products: readonly EmbeddingProduct[], perProduct: Uint32Array): HardNegatives {
  const department = products.map(({ categories }) => categories.department ?? '');
  const order = Array.from(products.keys()).sort((a, b) => {
    const [left, right] = [department[a] ?? '', department[b] ?? ''];
    if (left !== right) return left < right ? -1 : 1;
    return (perProduct[a] ?? 0) - (perProduct[b] ?? 0) || a - b;
  });
  const rank = new Int32Array(products.length);
  order.forEach((product, place) => {
    rank[product] = place;
  });
  const firstRank = new Int32Array(products.length);
  const lastRank = new Int32Array(products.length);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && department[order[end] ?? 0] === department[order[start] ?? 0]) end += 1;
    firstRank.fill(start, start, end);
    lastRank.fill(end - 1, start, end);
    start = end;
  }
  return (product, stream) => {
    const own = rank[product] ?? 0;
    const low = Math.max(own - RANKS_AWAY, firstRank[own] ?? 0);
    const high = Math.min(own + RANKS_AWAY, lastRank[own] ?? 0);
    // The only product of its department: any other will do.
    if (low === high) return stream.below(products.length);
    const drawn = low + stream.below(high - low);
    return order[drawn < own ? drawn : drawn + 1] ?? 0;
  };
}
