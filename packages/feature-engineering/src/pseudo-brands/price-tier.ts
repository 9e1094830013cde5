// Price tiers inside a category (spec section 3, layer 1, step 3; defects PB-2 and PB-4).

import { averageRanks, quantileOfSorted } from '../arithmetic/quantile.js';

export const PRICE_TIERS = ['premium', 'mid', 'value'] as const;
export type PriceTier = (typeof PRICE_TIERS)[number];

/** Shares of a category's products below which a price is value and above which it is premium. */
export interface TierLimits {
  readonly value: number;
  readonly premium: number;
}

export const TIER_LIMITS: TierLimits = { value: 0.2, premium: 0.8 };
/** A category with fewer prices has no tiers. */
export const FEWEST_TIERED_PRODUCTS = 3;

/**
 * Tier of each price of one category. By rank, r = (average rank - 1/2) / n: equal prices share a tier, and a category
 * of equal prices is all `mid`.
 */
export function tiersByRank(prices: ArrayLike<number>, limits: TierLimits = TIER_LIMITS): PriceTier[] {
  const { length } = prices;
  if (length < FEWEST_TIERED_PRODUCTS) return new Array<PriceTier>(length).fill('mid');
  return Array.from(averageRanks(prices), (rank) => {
    const r = (rank - 0.5) / length;
    return r > limits.premium ? 'premium' : r < limits.value ? 'value' : 'mid';
  });
}

/** The reference: quantiles of the prices, premium tested first, so that ties at the top are all premium. */
export function tiersByQuantile(prices: ArrayLike<number>, limits: TierLimits = TIER_LIMITS): PriceTier[] {
  const { length } = prices;
  if (length < FEWEST_TIERED_PRODUCTS) return new Array<PriceTier>(length).fill('mid');
  const sorted = Float64Array.from(prices).sort();
  const high = quantileOfSorted(sorted, limits.premium);
  const low = quantileOfSorted(sorted, limits.value);
  return Array.from(prices, (price) => (price >= high ? 'premium' : price <= low ? 'value' : 'mid'));
}
