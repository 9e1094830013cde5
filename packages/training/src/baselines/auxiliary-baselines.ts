/** Labels count from 1; 0 is unknown and takes no part (spec section 4, 3.6). */
export const UNKNOWN_LABEL = 0;

/** The most frequent known label of the training split; the lower one where two tie. */
export function majorityLabel(labels: ArrayLike<number>, classes: number): number {
  const counts = new Uint32Array(classes);
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row] ?? UNKNOWN_LABEL;
    counts[label] = (counts[label] ?? 0) + 1;
  }
  let best = 1;
  for (let label = 2; label < classes; label++) {
    if ((counts[label] ?? 0) > (counts[best] ?? 0)) best = label;
  }
  return best;
}

/**
 * The label that the customer's earlier baskets make likeliest: the largest entry of the smoothed as-of shares
 * that T6 is built from, [classes - 1] for the labels 1, 2, ...
 */
export function asOfPriorLabel(shares: ArrayLike<number>, offset = 0, classes = shares.length): number {
  let best = 0;
  for (let index = 1; index < classes; index++) {
    if ((shares[offset + index] ?? 0) > (shares[offset + best] ?? 0)) best = index;
  }
  return best + 1;
}
