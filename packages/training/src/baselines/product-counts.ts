/**
 * How often products were bought in the training split, alone and in pairs. Classes are product rows 1..P;
 * row 0 is padding and is never counted.
 */
export interface ProductCounts {
  /** Classes, 0 and the special rows included. */
  readonly classes: number;
  /** Baskets counted. */
  readonly baskets: number;
  /** Baskets with each product, [classes]. */
  readonly single: Uint32Array;
  /** Baskets with each unordered pair, upper triangle row by row, [classes * (classes - 1) / 2]. */
  readonly pairs: Uint32Array;
}

export function emptyProductCounts(classes: number): ProductCounts & { baskets: number } {
  return {
    classes,
    baskets: 0,
    single: new Uint32Array(classes),
    pairs: new Uint32Array((classes * (classes - 1)) / 2),
  };
}

/** Position of the pair (low, high), low < high, in the triangle. */
export const pairIndex = (classes: number, low: number, high: number): number =>
  (low * (2 * classes - low - 1)) / 2 + (high - low - 1);

/**
 * Counts one basket of distinct products in ascending order. Baskets longer than `longest` count their single
 * products only: their pairs grow with the square and say little.
 */
export function countBasket(
  counts: ProductCounts & { baskets: number },
  tokens: ArrayLike<number>,
  longest = 100,
): void {
  counts.baskets++;
  const { classes, single, pairs } = counts;
  for (let first = 0; first < tokens.length; first++) {
    const low = tokens[first] ?? 0;
    single[low] = (single[low] ?? 0) + 1;
    if (tokens.length > longest) continue;
    const row = pairIndex(classes, low, low + 1) - (low + 1);
    for (let second = first + 1; second < tokens.length; second++) {
      const index = row + (tokens[second] ?? 0);
      pairs[index] = (pairs[index] ?? 0) + 1;
    }
  }
}

/** Baskets that hold both products. */
export function pairCount(counts: ProductCounts, left: number, right: number): number {
  if (left === right) return counts.single[left] ?? 0;
  const index = pairIndex(counts.classes, Math.min(left, right), Math.max(left, right));
  return counts.pairs[index] ?? 0;
}
