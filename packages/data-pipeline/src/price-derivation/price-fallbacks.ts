import type { PriceContext } from './parameters.js';
import type { PriceCells } from './price-cells.js';
import { isConstant, type PriceSeries } from './price-series.js';

/** Medians over the observed prices of the fit window, at one level of the waterfall. */
export interface FallbackPrice {
  readonly actual: number;
  readonly base: number;
  /** Observed prices behind the medians. */
  readonly cells: number;
}

/** The waterfall of one product, in the order in which it is asked (spec section 2 §1, PD-2). */
export interface ProductFallbacks {
  readonly byStore: ReadonlyMap<number, FallbackPrice>;
  /** Key `region * 32768 + week_idx`. */
  readonly byRegionWeek: ReadonlyMap<number, FallbackPrice>;
  readonly all: FallbackPrice | undefined;
}

export const IMPUTATION_METHODS = ['observed', 'product_store', 'product_region_week', 'product'] as const;

const WEEKS = 32_768;
export const regionWeekKey = (region: number, week: number): number => region * WEEKS + week;
export const regionOfKey = (key: number): number => Math.floor(key / WEEKS);
export const weekOfKey = (key: number): number => key % WEEKS;

export function productFallbacks(
  cells: PriceCells,
  series: PriceSeries,
  context: PriceContext,
): ProductFallbacks {
  const byStore = new Map<number, number[]>();
  const byRegionWeek = new Map<number, number[]>();
  const all: number[] = [];
  for (let cell = 0; cell < cells.cells; cell += 1) {
    const week = cells.week[cell] ?? 0;
    if (cells.count[cell] === 0 || week > context.fitThroughWeek) continue;
    const store = cells.store[cell] ?? 0;
    all.push(cell);
    push(byStore, store, cell);
    const region = context.regionOfStore[store] ?? -1;
    if (region >= 0) push(byRegionWeek, regionWeekKey(region, week), cell);
  }
  const constant = isConstant(cells, series.actual) && isConstant(cells, series.base);
  const summary = (list: readonly number[]): FallbackPrice =>
    constant
      ? { actual: series.actual[list[0] ?? 0] ?? 0, base: series.base[list[0] ?? 0] ?? 0, cells: list.length }
      : { actual: medianAt(series.actual, list), base: medianAt(series.base, list), cells: list.length };
  return {
    byStore: mapValues(byStore, summary),
    byRegionWeek: mapValues(byRegionWeek, summary),
    all: all.length === 0 ? undefined : summary(all),
  };
}

/** The first level that knows a price; undefined: unresolved. */
export function askWaterfall(
  fallbacks: ProductFallbacks,
  store: number,
  region: number,
  week: number,
): { readonly price: FallbackPrice; readonly method: 1 | 2 | 3 } | undefined {
  const ps = fallbacks.byStore.get(store);
  if (ps !== undefined) return { price: ps, method: 1 };
  const prw = region < 0 ? undefined : fallbacks.byRegionWeek.get(regionWeekKey(region, week));
  if (prw !== undefined) return { price: prw, method: 2 };
  return fallbacks.all === undefined ? undefined : { price: fallbacks.all, method: 3 };
}

function push(groups: Map<number, number[]>, key: number, cell: number): void {
  const list = groups.get(key);
  if (list === undefined) groups.set(key, [cell]);
  else list.push(cell);
}

function mapValues<A, B>(map: ReadonlyMap<number, A>, change: (value: A) => B): Map<number, B> {
  const result = new Map<number, B>();
  for (const key of [...map.keys()].sort((a, b) => a - b)) {
    const value = map.get(key);
    if (value !== undefined) result.set(key, change(value));
  }
  return result;
}

function medianAt(values: Float64Array, cells: readonly number[]): number {
  if (cells.length === 1) return values[cells[0] ?? 0] ?? 0;
  const sorted = Float64Array.from(cells, (cell) => values[cell] ?? 0).sort();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
