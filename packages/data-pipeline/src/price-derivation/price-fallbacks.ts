import { medianOfSorted, sortRange } from './median.js';
import type { PriceContext } from './parameters.js';
import type { PriceCells } from './price-cells.js';
import { isConstant, type PriceSeries } from './price-series.js';

/** Medians over the observed prices of the fit window at one level of the waterfall. All arrays `[keys]`. */
export interface FallbackLevel {
  /** Ascending: the store, `region * 32768 + week_idx`, or a single 0. */
  readonly keys: Int32Array;
  readonly actual: Float64Array;
  readonly base: Float64Array;
  /** Observed prices behind the medians. */
  readonly cells: Uint32Array;
}

/** The waterfall of one product, in the order in which it is asked (spec section 2 §1, PD-2). */
export interface ProductFallbacks {
  readonly byStore: FallbackLevel;
  readonly byRegionWeek: FallbackLevel;
  readonly all: FallbackLevel;
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
  const fitted = fittedCells(cells, context.fitThroughWeek);
  const constant = isConstant(cells, series.actual) && isConstant(cells, series.base);
  const summarise = (groups: Groups) => medians(groups, series, constant);
  return {
    byStore: summarise(groupByStore(cells, fitted)),
    byRegionWeek: summarise(groupByRegionWeek(cells, fitted, context)),
    all: summarise({
      keys: Int32Array.from(fitted.length > 0 ? [0] : []),
      starts: Uint32Array.from([0, fitted.length]),
      members: fitted,
    }),
  };
}

/** One price of a level. */
export interface FallbackPrice {
  readonly actual: number;
  readonly base: number;
}

/** The first level that knows a price, and its number; undefined: unresolved. */
export function askWaterfall(
  fallbacks: ProductFallbacks,
  store: number,
  region: number,
  week: number,
): { readonly price: FallbackPrice; readonly method: 1 | 2 | 3 } | undefined {
  const ps = priceAt(fallbacks.byStore, store);
  if (ps !== undefined) return { price: ps, method: 1 };
  const prw = region < 0 ? undefined : priceAt(fallbacks.byRegionWeek, regionWeekKey(region, week));
  if (prw !== undefined) return { price: prw, method: 2 };
  const p = priceAt(fallbacks.all, 0);
  return p === undefined ? undefined : { price: p, method: 3 };
}

function priceAt({ keys, actual, base }: FallbackLevel, key: number): FallbackPrice | undefined {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] ?? 0) < key) low = middle + 1;
    else high = middle;
  }
  return keys[low] === key ? { actual: actual[low] ?? 0, base: base[low] ?? 0 } : undefined;
}

/** Observed cells of the fit window, ascending. */
function fittedCells(cells: PriceCells, fitThroughWeek: number): Uint32Array {
  const fitted = new Uint32Array(cells.cells);
  let size = 0;
  for (let cell = 0; cell < cells.cells; cell += 1) {
    if (cells.count[cell] === 0 || (cells.week[cell] ?? 0) > fitThroughWeek) continue;
    fitted[size] = cell;
    size += 1;
  }
  return fitted.subarray(0, size);
}

/** Cells by key: group `g` holds `members[starts[g]]` up to `members[starts[g + 1]]`. */
interface Groups {
  readonly keys: Int32Array;
  readonly starts: Uint32Array;
  readonly members: Uint32Array;
}

/** Cells are in the order of their stores. */
function groupByStore(cells: PriceCells, fitted: Uint32Array): Groups {
  const keys = new Int32Array(fitted.length);
  const starts = new Uint32Array(fitted.length + 1);
  let groups = 0;
  for (let place = 0; place < fitted.length; place += 1) {
    const store = cells.store[fitted[place] ?? 0] ?? 0;
    if (groups > 0 && keys[groups - 1] === store) continue;
    keys[groups] = store;
    starts[groups] = place;
    groups += 1;
  }
  starts[groups] = fitted.length;
  return { keys: keys.subarray(0, groups), starts: starts.subarray(0, groups + 1), members: fitted };
}

/** A counting sort by (region, week); stores without a region are left out. */
function groupByRegionWeek(
  cells: PriceCells,
  fitted: Uint32Array,
  { regionOfStore, fitThroughWeek }: PriceContext,
): Groups {
  const weeks = fitThroughWeek + 1;
  const slotOf = (cell: number) => {
    const region = regionOfStore[cells.store[cell] ?? 0] ?? -1;
    return region < 0 ? -1 : region * weeks + (cells.week[cell] ?? 0);
  };
  let slots = 0;
  const slot = new Int32Array(fitted.length);
  for (let place = 0; place < fitted.length; place += 1) {
    slot[place] = slotOf(fitted[place] ?? 0);
    slots = Math.max(slots, (slot[place] ?? 0) + 1);
  }
  const counts = new Uint32Array(slots);
  for (const at of slot) if (at >= 0) counts[at] = (counts[at] ?? 0) + 1;
  const keys: number[] = [];
  const starts: number[] = [];
  const next = new Uint32Array(slots);
  let size = 0;
  for (let at = 0; at < slots; at += 1) {
    const count = counts[at] ?? 0;
    if (count === 0) continue;
    keys.push(regionWeekKey(Math.floor(at / weeks), at % weeks));
    starts.push(size);
    next[at] = size;
    size += count;
  }
  const members = new Uint32Array(size);
  for (let place = 0; place < fitted.length; place += 1) {
    const at = slot[place] ?? -1;
    if (at < 0) continue;
    const target = next[at] ?? 0;
    members[target] = fitted[place] ?? 0;
    next[at] = target + 1;
  }
  return { keys: Int32Array.from(keys), starts: Uint32Array.from([...starts, size]), members };
}

/** @param constant the product has one price everywhere: nothing to sort */
function medians({ keys, starts, members }: Groups, series: PriceSeries, constant: boolean): FallbackLevel {
  const actual = new Float64Array(keys.length);
  const base = new Float64Array(keys.length);
  const cells = new Uint32Array(keys.length);
  const values = new Float64Array(constant ? 0 : members.length);
  const medianOf = (prices: Float64Array, from: number, to: number) => {
    if (constant || to - from === 1) return prices[members[from] ?? 0] ?? 0;
    for (let at = from; at < to; at += 1) values[at] = prices[members[at] ?? 0] ?? 0;
    sortRange(values, from, to);
    return medianOfSorted(values, from, to);
  };
  for (let group = 0; group < keys.length; group += 1) {
    const from = starts[group] ?? 0;
    const to = starts[group + 1] ?? 0;
    actual[group] = medianOf(series.actual, from, to);
    base[group] = medianOf(series.base, from, to);
    cells[group] = to - from;
  }
  return { keys, actual, base, cells };
}
