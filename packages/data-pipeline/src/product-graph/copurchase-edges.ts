import { chiSquared, chiSquaredPValue } from './chi-squared.js';
import { lift, type PairCounts, pairIndex } from './count-pairs.js';
import type { GraphParameters } from './parameters.js';

export interface CopurchaseEdge {
  /** Product codes, source < target. */
  readonly source: number;
  readonly target: number;
  readonly count: number;
  readonly lift: number;
  readonly chi2: number;
  readonly pValue: number;
}

/** Spec section 2 §2.4, step 3: pairs that are bought together often enough and more than by chance. */
export function copurchaseCandidates(counts: PairCounts, parameters: GraphParameters): CopurchaseEdge[] {
  const { minCopurchaseCount, liftThreshold, maxPValue } = parameters;
  const { pairs, perProduct, baskets, products } = counts;
  const candidates: CopurchaseEdge[] = [];
  for (let target = 1; target < products; target += 1) {
    for (let source = 0; source < target; source += 1) {
      const count = pairs[pairIndex(source, target)] ?? 0;
      if (count < minCopurchaseCount || count === 0) continue;
      const pairLift = lift(counts, source, target);
      if (pairLift < liftThreshold) continue;
      const chi2 = chiSquared(count, perProduct[source] ?? 0, perProduct[target] ?? 0, baskets);
      const pValue = chiSquaredPValue(chi2);
      if (pValue >= maxPValue) continue;
      candidates.push({ source, target, count, lift: pairLift, chi2, pValue });
    }
  }
  return candidates.sort((a, b) => a.source - b.source || a.target - b.target);
}
