// q of the price function: the latest earlier price (spec section 4, 3.4; section 3, FP-5).

import type { ProductPrices } from '../read-processed/stream-product-prices.js';

/** A price of the store, or of its region, counts as "the last one" for so many calendar weeks. */
export const FRESH_WEEKS = 4;

export const PRIOR_SOURCES = ['own', 'store', 'region', 'chain'] as const;
const [OWN, STORE, REGION, CHAIN] = [0, 1, 2, 3] as const;

export interface PriorPrices {
  /** Latest earlier price of each cell of the product; the price itself where there is none. Shape `[cells]`. */
  readonly price: Float64Array;
  /** Position in {@link PRIOR_SOURCES}. Shape `[cells]`. */
  readonly source: Uint8Array;
}

/**
 * Finds the latest earlier observed price of each cell: of the store if it is at most four weeks old, else the mean of
 * its region in the latest earlier week if that is, else the mean of the chain in the latest earlier week.
 *
 * @param regionOf region number of each store, -1 for none
 * @param weeks calendar positions run from 1 to `weeks`
 */
export function priorPrices(
  { cells, store, weekIdx, actual, observed }: ProductPrices,
  regionOf: Int16Array,
  regions: number,
  weeks: number,
): PriorPrices {
  const stride = weeks + 1;
  // Row `regions` is the chain.
  const sums = new Float64Array((regions + 1) * stride);
  const counts = new Uint32Array((regions + 1) * stride);
  const count = (row: number, week: number, price: number): void => {
    const at = row * stride + week;
    sums[at] = (sums[at] ?? 0) + price;
    counts[at] = (counts[at] ?? 0) + 1;
  };
  for (let cell = 0; cell < cells; cell++) {
    if (observed[cell] === 0) continue;
    const week = weekIdx[cell] ?? 0;
    const price = actual[cell] ?? 0;
    const region = regionOf[store[cell] ?? 0] ?? -1;
    if (region >= 0) count(region, week, price);
    count(regions, week, price);
  }
  const latest = latestWeekBefore(counts, regions + 1, stride);

  const price = new Float64Array(cells);
  const source = new Uint8Array(cells);
  let storeWeek = 0;
  let storePrice = 0;
  for (let cell = 0; cell < cells; cell++) {
    if (cell === 0 || store[cell] !== store[cell - 1]) storeWeek = 0;
    const week = weekIdx[cell] ?? 0;
    const region = regionOf[store[cell] ?? 0] ?? -1;
    const regionWeek = region < 0 ? 0 : (latest[region * stride + week] ?? 0);
    const chainWeek = latest[regions * stride + week] ?? 0;
    if (storeWeek > 0 && week - storeWeek <= FRESH_WEEKS) {
      price[cell] = storePrice;
      source[cell] = STORE;
    } else if (regionWeek > 0 && week - regionWeek <= FRESH_WEEKS) {
      const at = region * stride + regionWeek;
      price[cell] = (sums[at] ?? 0) / (counts[at] ?? 1);
      source[cell] = REGION;
    } else if (chainWeek > 0) {
      const at = regions * stride + chainWeek;
      price[cell] = (sums[at] ?? 0) / (counts[at] ?? 1);
      source[cell] = CHAIN;
    } else {
      price[cell] = actual[cell] ?? 0;
      source[cell] = OWN;
    }
    if (observed[cell] !== 0) {
      storeWeek = week;
      storePrice = actual[cell] ?? 0;
    }
  }
  return { price, source };
}

/** For each row and week the latest week before it with a count; 0 for none. */
function latestWeekBefore(counts: Uint32Array, rows: number, stride: number): Int16Array {
  const latest = new Int16Array(rows * stride);
  for (let row = 0; row < rows; row++) {
    let last = 0;
    for (let week = 0; week < stride; week++) {
      latest[row * stride + week] = last;
      if ((counts[row * stride + week] ?? 0) > 0) last = week;
    }
  }
  return latest;
}
