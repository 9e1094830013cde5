import type { Batch } from '@retail-sim/tensor-preparation';
import {
  CO_OCCURRENCE_WEIGHTS,
  coOccurrence,
  type MaskedProductBaseline,
  nearestEarlierBasket,
  personalFrequency,
  personalFrequencyAndCoOccurrence,
  popularity,
} from '../baselines/masked-product-baselines.js';
import type { ProductCounts } from '../baselines/product-counts.js';
import { maskedProductMetrics } from '../metrics/masked-product.js';
import { rankOf } from '../metrics/rank.js';
import { hiddenProducts } from './hidden-products.js';
import { leaveOutImpossible } from './score-split.js';

/** The weight of co-occurrence beside personal frequency that gives the best MRR on these validation batches. */
export async function fitCoOccurrenceWeight(
  counts: ProductCounts,
  products: number,
  batches: AsyncIterable<Batch>,
): Promise<number> {
  const candidates = CO_OCCURRENCE_WEIGHTS.map((weight) => ({
    weight,
    score: personalFrequencyAndCoOccurrence(counts, weight),
    ranks: [] as number[],
  }));
  const scores = new Float64Array(counts.classes);
  for await (const batch of batches) {
    for (const hidden of hiddenProducts(batch, products)) {
      for (const { score, ranks } of candidates) {
        score(hidden, scores);
        leaveOutImpossible(scores, hidden, products);
        ranks.push(rankOf(scores, hidden.target));
      }
    }
  }
  const fitted = candidates.map(({ weight, ranks }) => ({ weight, mrr: maskedProductMetrics(ranks).mrr }));
  return fitted.reduce((best, next) => (next.mrr > best.mrr ? next : best)).weight;
}

/** Every baseline of the masked product by the name that reports print. */
export function maskedProductBaselines(
  counts: ProductCounts,
  coOccurrenceWeight: number,
): Readonly<Record<string, MaskedProductBaseline>> {
  return {
    popularity: popularity(counts),
    'co-occurrence': coOccurrence(counts),
    'personal frequency': personalFrequency(counts),
    'nearest earlier basket': nearestEarlierBasket(counts),
    'personal frequency + co-occurrence': personalFrequencyAndCoOccurrence(counts, coOccurrenceWeight),
  };
}
