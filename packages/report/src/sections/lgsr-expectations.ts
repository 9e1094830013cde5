/**
 * What the public "Let's Get Sort-of-Real" extract looks like (spec, LGSR data facts, sections 2 and 4): aggregates to
 * hold other data against, no rows of it.
 */
export const LGSR = {
  lines: 3_034_288,
  baskets: 473_028,
  customers: 4_965,
  products: 4_997,
  stores: 761,
  weeks: 113,
  anonymousBaskets: 0.205,
  linesPerBasket: 6.41,
  spendPerBasket: 12.21,
  rejects: 0,
} as const;

/** Share of baskets with 1, 2, ... 30 lines. */
export const BASKETS_BY_LINES: readonly number[] = [
  19.28, 15.72, 11.68, 8.49, 6.6, 5.19, 4.25, 3.51, 2.99, 2.57, 2.33, 2.05, 1.82, 1.62, 1.5, 1.31, 1.17, 1.05,
  0.94, 0.83, 0.72, 0.64, 0.56, 0.48, 0.42, 0.36, 0.31, 0.28, 0.23, 0.19,
].map((percentage) => percentage / 100);
