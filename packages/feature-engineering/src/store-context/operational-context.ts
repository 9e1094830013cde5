// The 32 operational numbers of a store (spec section 3, layer 5, layout v2; defects SC-5, SC-9, SC-13).
//
//   0  baskets a week      5  sin, cos of the mean hour   18-20 sensitivity LA, MM, UM   26 promotions
//   1  customers a week    7  weekend                     21 loyalty of its customers    27 price against the chain
//   2  spend a basket      8-10  size S, M, L             22 very loyal customers        28 stores in the region
//   3  its variation      11-14  Fresh, Grocery, Mixed,   23 anonymous baskets           29 share of the region
//   4  units a basket            Nonfood                  24 weeks of trading            30 trend of the baskets
//                         15-17  Top Up, Full, Small Shop 25 assortment                  31 zero

import { medianOfSorted, quantileOfSorted } from '../arithmetic/quantile.js';
import type { StoreActivity } from './store-activity.js';
import type { StorePrices } from './store-prices.js';

export const OPERATIONAL_SIZE = 32;
/** Scaled to 0-1 over the stores; all others are shares as they are. */
export const SCALED_DIMENSIONS = [0, 1, 2, 3, 4, 24, 25, 26, 27, 28, 29, 30] as const;
export const OPERATIONAL_DIMENSIONS = {
  basketsPerWeek: 0,
  customersPerWeek: 1,
  spendPerBasket: 2,
  tenure: 24,
} as const;

/** Outliers beyond these quantiles do not compress the rest. */
const CLIP_QUANTILES = [0.01, 0.99] as const;
/** What a column without differences becomes. */
const CONSTANT = 0.5;

/** Customers whose primary store it is. */
export interface PrimaryCustomers {
  readonly customers: number;
  readonly loyaltySum: number;
  /** Customers with a Herfindahl index above 0.8. */
  readonly veryLoyal: number;
}

export interface StoreFacts {
  readonly activity: StoreActivity;
  readonly prices: StorePrices;
  readonly primary: PrimaryCustomers;
  readonly region: string;
}

/** Averages over the population, for stores that have no customers of their own, and sizes of the whole chain. */
export interface ChainFacts {
  readonly meanLoyalty: number;
  readonly veryLoyalShare: number;
  readonly products: number;
  readonly regions: ReadonlyMap<string, { readonly stores: number; readonly baskets: number }>;
  /** Weeks in which the chain sold anything, ascending. */
  readonly openWeeks: readonly number[];
}

/** A shrunk mean gives the population the weight of so many customers. */
const SHRINKAGE = 5;

/** Unscaled numbers of one store, `[32]`; NaN where a number cannot be worked out. */
export function operationalNumbers(
  { activity, prices, primary, region }: StoreFacts,
  chain: ChainFacts,
): Float64Array {
  const { baskets, activeWeeks, labels } = activity;
  const share = (count: number) => count / baskets;
  const mean = activity.spendPence / baskets;
  const angle = Math.atan2(activity.hourSine, activity.hourCosine);
  const around = chain.regions.get(region);
  return Float64Array.of(
    baskets / activeWeeks,
    activity.customerWeeks / activeWeeks,
    mean / 100,
    baskets < 2 || mean === 0
      ? Number.NaN
      : Math.sqrt(Math.max(0, activity.spendPenceSquared - baskets * mean * mean) / (baskets - 1)) / mean,
    activity.units / baskets,
    Math.sin(angle),
    Math.cos(angle),
    share(activity.weekendBaskets),
    ...labels.basket_size.map(share),
    ...labels.basket_dominant_mission.map(share),
    ...labels.basket_type.map(share),
    ...labels.basket_price_sensitivity.map(share),
    (primary.loyaltySum + SHRINKAGE * chain.meanLoyalty) / (primary.customers + SHRINKAGE),
    primary.customers === 0 ? chain.veryLoyalShare : primary.veryLoyal / primary.customers,
    share(activity.anonymousBaskets),
    activity.lastWeek - activity.firstWeek + 1,
    chain.products === 0 ? 0 : prices.products / chain.products,
    prices.cells === 0 ? Number.NaN : prices.promotions / prices.cells,
    prices.cells === 0 ? Number.NaN : prices.relativeSum / prices.cells,
    around?.stores ?? 0,
    baskets / Math.max(around?.baskets ?? baskets, 1),
    trend(activity, chain.openWeeks),
    0,
  );
}

/** Standardised slope of the weekly baskets over the weeks of trading: their correlation with time; 0 for none. */
function trend({ byWeek, firstWeek, lastWeek }: StoreActivity, openWeeks: readonly number[]): number {
  const weeks = openWeeks.filter((week) => week >= firstWeek && week <= lastWeek);
  const counts = weeks.map((week) => byWeek[week] ?? 0);
  const center = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanWeek = center(weeks);
  const meanCount = center(counts);
  let together = 0;
  let ofWeeks = 0;
  let ofCounts = 0;
  weeks.forEach((week, place) => {
    const count = counts[place] ?? 0;
    together += (week - meanWeek) * (count - meanCount);
    ofWeeks += (week - meanWeek) ** 2;
    ofCounts += (count - meanCount) ** 2;
  });
  return ofWeeks === 0 || ofCounts === 0 ? 0 : together / Math.sqrt(ofWeeks * ofCounts);
}

/** Bounds of one scaled dimension, kept in the manifest. */
export interface ScaleBounds {
  readonly low: number;
  readonly high: number;
  /** Stands for a number that a store lacks. */
  readonly median: number;
}

/** Bounds of one dimension over the stores. */
export function scaleBounds(values: ArrayLike<number>): ScaleBounds {
  const known = Float64Array.from(Array.from(values).filter((value) => !Number.isNaN(value))).sort();
  if (known.length === 0) return { low: 0, high: 0, median: 0 };
  const [low, high] = CLIP_QUANTILES;
  return {
    low: quantileOfSorted(known, low),
    high: quantileOfSorted(known, high),
    median: medianOfSorted(known),
  };
}

/** Clips to the bounds, then 0-1. */
export function scaled(value: number, { low, high, median }: ScaleBounds): number {
  if (high <= low) return CONSTANT;
  const known = Number.isNaN(value) ? median : value;
  return (Math.min(high, Math.max(low, known)) - low) / (high - low);
}
