import { type ProductCounts, pairIndex } from './product-counts.js';

/** A hidden product as every baseline sees it: never the product itself, never anything later than the basket. */
export interface MaskedQuery {
  /** Products of the basket that are still visible, ascending. */
  readonly visible: ArrayLike<number>;
  /** Products that the customer bought in earlier baskets, and in how many of them; empty for anonymous baskets. */
  readonly knownProducts: ArrayLike<number>;
  readonly knownCounts: ArrayLike<number>;
  /** Every product of every earlier basket, and the Jaccard index of its basket with the visible products. */
  readonly earlierItems: ArrayLike<number>;
  readonly earlierResemblance: ArrayLike<number>;
}

/** Writes a score for each class, higher is likelier, into `scores` [classes]. */
export type MaskedProductBaseline = (query: MaskedQuery, scores: Float64Array) => void;

/** Breaks ties by popularity without ever outweighing one purchase or one co-purchase. */
const TIE_BREAK = 1e-6;

/** Share of training baskets with each product. */
export function popularity(counts: ProductCounts): MaskedProductBaseline {
  const share = Float64Array.from(counts.single, (count) => count / Math.max(1, counts.baskets));
  return (_query, scores) => {
    scores.set(share);
  };
}

/** Mean over the visible products u of P(v | u), then popularity. */
export function coOccurrence(counts: ProductCounts): MaskedProductBaseline {
  const popular = popularity(counts);
  return (query, scores) => {
    popular(query, scores);
    for (let index = 0; index < scores.length; index++) scores[index] = (scores[index] ?? 0) * TIE_BREAK;
    addCoOccurrence(counts, query.visible, scores);
  };
}

/** How many earlier baskets of the customer held the product, then popularity. */
export function personalFrequency(counts: ProductCounts): MaskedProductBaseline {
  const popular = popularity(counts);
  return (query, scores) => {
    popular(query, scores);
    for (let index = 0; index < scores.length; index++) scores[index] = (scores[index] ?? 0) * TIE_BREAK;
    for (let index = 0; index < query.knownProducts.length; index++) {
      const product = query.knownProducts[index] ?? 0;
      scores[product] = (scores[product] ?? 0) + (query.knownCounts[index] ?? 0);
    }
  };
}

/**
 * Personal frequency as a share of the customer's purchases, plus `weight` times co-occurrence. The weight is
 * fitted on the validation split.
 */
export function personalFrequencyAndCoOccurrence(
  counts: ProductCounts,
  weight: number,
): MaskedProductBaseline {
  const together = coOccurrence(counts);
  return (query, scores) => {
    together(query, scores);
    for (let index = 0; index < scores.length; index++) scores[index] = weight * (scores[index] ?? 0);
    let total = 0;
    for (let index = 0; index < query.knownCounts.length; index++) total += query.knownCounts[index] ?? 0;
    for (let index = 0; index < query.knownProducts.length; index++) {
      const product = query.knownProducts[index] ?? 0;
      scores[product] = (scores[product] ?? 0) + (query.knownCounts[index] ?? 0) / total;
    }
  };
}

/**
 * The Jaccard index of the visible products with the most similar earlier basket that holds the product, then personal
 * frequency: many trips repeat an earlier one.
 */
export function nearestEarlierBasket(counts: ProductCounts): MaskedProductBaseline {
  const frequent = personalFrequency(counts);
  const most = new Float64Array(counts.classes);
  return (query, scores) => {
    frequent(query, scores);
    most.fill(0);
    for (let index = 0; index < query.earlierItems.length; index++) {
      const product = query.earlierItems[index] ?? 0;
      most[product] = Math.max(most[product] ?? 0, query.earlierResemblance[index] ?? 0);
    }
    for (const [product, resemblance] of most.entries()) {
      scores[product] = TIE_BREAK * (scores[product] ?? 0) + resemblance;
    }
  };
}

/** Weights among which the combination's is chosen on the validation split. */
export const CO_OCCURRENCE_WEIGHTS = [0.01, 0.03, 0.1, 0.3, 1, 3] as const;

function addCoOccurrence(counts: ProductCounts, visible: ArrayLike<number>, scores: Float64Array): void {
  const { classes, single, pairs } = counts;
  for (let position = 0; position < visible.length; position++) {
    const given = visible[position] ?? 0;
    const times = single[given] ?? 0;
    if (times === 0) continue;
    const scale = 1 / (times * visible.length);
    for (let low = 0; low < given; low++) {
      scores[low] = (scores[low] ?? 0) + scale * (pairs[pairIndex(classes, low, given)] ?? 0);
    }
    const row = pairIndex(classes, given, given + 1) - (given + 1);
    for (let high = given + 1; high < classes; high++) {
      scores[high] = (scores[high] ?? 0) + scale * (pairs[row + high] ?? 0);
    }
  }
}
