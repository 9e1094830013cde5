// c of the price function: what the category cost in earlier weeks (spec section 4, 3.4; section 3, FP-1).

import type { ProductPrices } from '../read-processed/stream-product-prices.js';

/** A sub-commodity with fewer earlier prices is too thin to compare with: its commodity is asked. */
export const FEWEST_CATEGORY_PRICES = 20;

export const CATEGORY_SOURCES = ['sub_commodity', 'commodity', 'own'] as const;
export type CategorySource = (typeof CATEGORY_SOURCES)[number];

export interface CategoryAverages {
  /** Adds the observed prices of a product of sub-commodity and commodity number so-and-so. */
  add(prices: ProductPrices, subCommodity: number, commodity: number): void;
  /** To be called once, after the last `add`. */
  finish(): CategoryLookup;
}

export interface CategoryLookup {
  /**
   * Mean observed price over all weeks before `week`, and whose it is (position in {@link CATEGORY_SOURCES}). The price
   * itself never enters; NaN with source `own` where there is nothing to compare with.
   */
  before(
    subCommodity: number,
    commodity: number,
    week: number,
  ): { readonly price: number; readonly source: number };
}

/** Sums by (category, week), then over the weeks. Weeks are calendar positions 1..weeks. */
export function categoryAverages(
  subCommodities: number,
  commodities: number,
  weeks: number,
): CategoryAverages {
  const stride = weeks + 2;
  const levels = [subCommodities, commodities].map((categories) => ({
    sums: new Float64Array(categories * stride),
    counts: new Float64Array(categories * stride),
  }));

  function add(prices: ProductPrices, ...categories: [subCommodity: number, commodity: number]): void {
    for (let cell = 0; cell < prices.cells; cell++) {
      if (prices.observed[cell] === 0) continue;
      const week = prices.weekIdx[cell] ?? 0;
      const price = prices.actual[cell] ?? 0;
      levels.forEach(({ sums, counts }, level) => {
        const at = (categories[level] ?? 0) * stride + week + 1;
        sums[at] = (sums[at] ?? 0) + price;
        counts[at] = (counts[at] ?? 0) + 1;
      });
    }
  }

  function finish(): CategoryLookup {
    // Entry w of a category becomes the total over weeks before w.
    for (const { sums, counts } of levels) {
      for (let at = 0; at < sums.length; at++) {
        if (at % stride === 0) continue;
        sums[at] = (sums[at] ?? 0) + (sums[at - 1] ?? 0);
        counts[at] = (counts[at] ?? 0) + (counts[at - 1] ?? 0);
      }
    }
    return {
      before(subCommodity, commodity, week) {
        for (const [source, category] of [subCommodity, commodity].entries()) {
          const at = category * stride + week;
          const count = levels[source]?.counts[at] ?? 0;
          if (count >= FEWEST_CATEGORY_PRICES)
            return { price: (levels[source]?.sums[at] ?? 0) / count, source };
        }
        return { price: Number.NaN, source: CATEGORY_SOURCES.indexOf('own') };
      },
    };
  }

  return { add, finish };
}
