// What the prices of one product say about it (spec section 3, layer 1, step 2; defect PB-3).

import { kahanSum, mean, sampleStd } from '../arithmetic/kahan-sum.js';
import { medianOfSorted } from '../arithmetic/quantile.js';
import type { ProductPrices } from '../read-processed/stream-product-prices.js';

export interface PriceStatistics {
  readonly cells: number;
  readonly mean: number;
  readonly median: number;
  /** Sample standard deviation over the cells; 0 for one. */
  readonly std: number;
  readonly base: number;
  readonly discount: number;
  /** Share of the cells on promotion. */
  readonly promo: number;
  /** Coefficient of variation of the weekly chain median; 0 below two weeks. */
  readonly weeklyCv: number;
}

export interface CellChoice {
  /** Cells of later weeks do not count. */
  readonly fitThroughWeek: number;
  /** Count only prices that somebody paid. */
  readonly observedOnly: boolean;
}

/** Places of the cells that a fitted statistic may read. */
export function fittedCells(
  prices: ProductPrices,
  { fitThroughWeek, observedOnly }: CellChoice,
): Uint32Array {
  const places = new Uint32Array(prices.cells);
  let length = 0;
  for (let cell = 0; cell < prices.cells; cell++) {
    if ((prices.weekIdx[cell] ?? 0) > fitThroughWeek) continue;
    if (observedOnly && prices.observed[cell] === 0) continue;
    places[length++] = cell;
  }
  return places.subarray(0, length);
}

/** Statistics over the cells at `places`, equally weighted; undefined without any. */
export function priceStatistics(prices: ProductPrices, places: Uint32Array): PriceStatistics | undefined {
  if (places.length === 0) return undefined;
  const pick = (column: ArrayLike<number>) => Float64Array.from(places, (place) => column[place] ?? 0);
  const actual = pick(prices.actual);
  return {
    cells: places.length,
    mean: mean(actual),
    std: sampleStd(actual) ?? 0,
    base: mean(pick(prices.base)),
    discount: mean(pick(prices.discount)),
    promo: kahanSum(pick(prices.promo)) / places.length,
    weeklyCv: weeklyVariation(prices, places),
    median: medianOfSorted(actual.sort()),
  };
}

/** Standard deviation over mean of the weekly medians over the stores. */
function weeklyVariation(prices: ProductPrices, places: Uint32Array): number {
  const byWeek = new Map<number, number[]>();
  for (const place of places) {
    const week = prices.weekIdx[place] ?? 0;
    const price = prices.actual[place] ?? 0;
    const known = byWeek.get(week);
    if (known === undefined) byWeek.set(week, [price]);
    else known.push(price);
  }
  const medians = [...byWeek.keys()]
    .sort((a, b) => a - b)
    .map((week) => medianOfSorted(Float64Array.from(byWeek.get(week) ?? []).sort()));
  const std = sampleStd(medians);
  return std === undefined ? 0 : std / Math.max(mean(medians), 0.01);
}
