import type { PriceContext } from './parameters.js';
import type { PriceCells } from './price-cells.js';

/** Added to the promotion threshold: 0.95 against 1.00 is 5 % in exact arithmetic, no more (PD-8). */
export const THRESHOLD_MARGIN = 1e-9;
/** Coefficient of variation above which a series is volatile. */
const VOLATILE = 0.5;
/** A base price this much under the last one is flagged (PD-7). */
const BASE_DROP = 0.1;
/** A price this far from the chain median of its week is flagged, given enough stores (PD-7). */
const OUTLIER = 0.3;
const OUTLIER_STORES = 5;
/** A product seen in fewer of the weeks so far is flagged (PD-7). */
const SPARSE_SHARE = 0.7;
/** Fewer valid lines make a thin price. */
export const THIN_COUNT = 3;

/** Bits of the flags of a price, in the order in which they are written. */
export const PRICE_FLAGS = [
  'excessive_discount',
  'high_volatility',
  'base_price_drop',
  'cross_store_outlier',
  'sparse_weeks',
  'variable_weight',
] as const;
const FLAG = { excessive: 1, volatile: 2, baseDrop: 4, outlier: 8, sparse: 16, weighed: 32 } as const;
/** Flags that cost 0.2 of the quality; the others say more than they blame and cost 0.05 each. */
const FAULTS = FLAG.excessive | FLAG.volatile;

/** Stage 1's columns of the observed cells of one product, `[cells]` each. */
export interface PriceSeries {
  readonly actual: Float64Array;
  readonly base: Float64Array;
  readonly discountRaw: Float64Array;
  readonly discount: Float64Array;
  readonly promo: Uint8Array;
  readonly baseWeeks: Uint8Array;
  /** Sum of bits of PRICE_FLAGS. */
  readonly flags: Uint8Array;
  readonly quality: Float64Array;
}

/**
 * Spec section 2 §1, steps 3 to 7, for every series (store) of a product. Cells without a price are passed over.
 *
 * @param weighed chain price of a product sold by weight (PD-12)
 */
export function priceSeries(
  cells: PriceCells,
  weighed: number | undefined,
  context: PriceContext,
): PriceSeries {
  const size = cells.cells;
  const series = {
    actual: new Float64Array(size),
    base: new Float64Array(size),
    discountRaw: new Float64Array(size),
    discount: new Float64Array(size),
    promo: new Uint8Array(size),
    baseWeeks: new Uint8Array(size),
    flags: new Uint8Array(size),
    quality: new Float64Array(size),
  };
  for (let cell = 0; cell < size; cell += 1)
    series.actual[cell] = weighed ?? cells.median[cell] ?? Number.NaN;
  const observed: number[] = [];
  for (let from = 0; from < size; ) {
    const store = cells.store[from];
    let to = from;
    observed.length = 0;
    for (; to < size && cells.store[to] === store; to += 1) if ((cells.count[to] ?? 0) > 0) observed.push(to);
    oneSeries(cells, series, observed, context);
    from = to;
  }
  if (!context.compat) {
    flagOutliers(cells, series.actual, series.flags);
    flagSparseWeeks(cells, series.flags, context.firstWeek);
    if (weighed !== undefined)
      for (let cell = 0; cell < size; cell += 1)
        series.flags[cell] = (series.flags[cell] ?? 0) | FLAG.weighed;
  }
  for (let cell = 0; cell < size; cell += 1)
    series.quality[cell] = quality(cells, cell, series.flags[cell] ?? 0);
  return series;
}

/** Base price, discount, promotion and the flags that a series gives by itself. */
function oneSeries(
  cells: PriceCells,
  series: PriceSeries,
  observed: readonly number[],
  context: PriceContext,
): void {
  const { rollingWindow, discountThreshold, maxDiscountDepth } = context.parameters;
  const threshold = context.compat ? discountThreshold : discountThreshold + THRESHOLD_MARGIN;
  const wholeSeriesIsVolatile = context.compat && isVolatileSeries(series.actual, observed);
  // Running mean and sum of squares (Welford): the price's own past, this week included (PD-6).
  let mean = 0;
  let squares = 0;
  for (let place = 0; place < observed.length; place += 1) {
    const cell = observed[place] ?? 0;
    const actual = series.actual[cell] ?? 0;
    const week = cells.week[cell] ?? 0;
    let base = actual;
    let weeks = 1;
    for (let back = place - 1; back >= 0; back -= 1) {
      const earlier = observed[back] ?? 0;
      // The reference counts rows, the corrected rule calendar weeks (PD-1).
      const isInside = context.compat
        ? place - back < rollingWindow
        : week - (cells.week[earlier] ?? 0) < rollingWindow;
      if (!isInside) break;
      weeks += 1;
      base = Math.max(base, series.actual[earlier] ?? 0);
    }
    const raw = 1 - actual / base;
    const discount = Math.min(Math.max(raw, 0), maxDiscountDepth);
    const delta = actual - mean;
    mean += delta / (place + 1);
    squares += delta * (actual - mean);
    const isVolatile = context.compat
      ? wholeSeriesIsVolatile
      : place > 0 && Math.sqrt(squares / place) / mean > VOLATILE;
    let flags = isVolatile ? FLAG.volatile : 0;
    if (!context.compat) {
      if (raw > maxDiscountDepth) flags |= FLAG.excessive;
      const before = place > 0 ? (series.base[observed[place - 1] ?? 0] ?? 0) : base;
      if (base < before * (1 - BASE_DROP)) flags |= FLAG.baseDrop;
    }
    series.base[cell] = base;
    series.discountRaw[cell] = raw;
    series.discount[cell] = discount;
    series.promo[cell] = discount > threshold ? 1 : 0;
    series.baseWeeks[cell] = Math.min(weeks, 255);
    series.flags[cell] = flags;
  }
}

function isVolatileSeries(actual: Float64Array, observed: readonly number[]): boolean {
  if (observed.length < 2) return false;
  let sum = 0;
  for (const cell of observed) sum += actual[cell] ?? 0;
  const mean = sum / observed.length;
  let squares = 0;
  for (const cell of observed) squares += ((actual[cell] ?? 0) - mean) ** 2;
  return Math.sqrt(squares / (observed.length - 1)) / mean > VOLATILE;
}

/** Prices far from the chain median of their week, where at least five stores sold the product. */
function flagOutliers(cells: PriceCells, actual: Float64Array, flags: Uint8Array): void {
  if (isConstant(cells, actual)) return;
  const byWeek = cellsByWeek(cells);
  for (const week of byWeek.values()) {
    if (week.length < OUTLIER_STORES) continue;
    const prices = week.map((cell) => actual[cell] ?? 0).sort((a, b) => a - b);
    const middle = prices.length >> 1;
    const upper = prices[middle] ?? 0;
    const median = prices.length % 2 === 1 ? upper : ((prices[middle - 1] ?? 0) + upper) / 2;
    for (const cell of week) {
      if (Math.abs((actual[cell] ?? 0) - median) > OUTLIER * median)
        flags[cell] = (flags[cell] ?? 0) | FLAG.outlier;
    }
  }
}

/** Most products have one price everywhere: nothing to compare. */
export function isConstant(cells: PriceCells, prices: Float64Array): boolean {
  let first = Number.NaN;
  for (let cell = 0; cell < cells.cells; cell += 1) {
    if (cells.count[cell] === 0) continue;
    const price = prices[cell] ?? 0;
    if (Number.isNaN(first)) first = price;
    else if (price !== first) return false;
  }
  return true;
}

/** Observed cells of each week. */
export function cellsByWeek(cells: PriceCells): Map<number, number[]> {
  const byWeek = new Map<number, number[]>();
  for (let cell = 0; cell < cells.cells; cell += 1) {
    if (cells.count[cell] === 0) continue;
    const week = cells.week[cell] ?? 0;
    const list = byWeek.get(week);
    if (list === undefined) byWeek.set(week, [cell]);
    else list.push(cell);
  }
  return byWeek;
}

/** Products seen in less than 70 % of the weeks from the first of the data to the row's own. */
function flagSparseWeeks(cells: PriceCells, flags: Uint8Array, firstWeek: number): void {
  let lastWeek = 0;
  for (let cell = 0; cell < cells.cells; cell += 1) lastWeek = Math.max(lastWeek, cells.week[cell] ?? 0);
  const seen = new Uint8Array(lastWeek + 1);
  for (let cell = 0; cell < cells.cells; cell += 1)
    if ((cells.count[cell] ?? 0) > 0) seen[cells.week[cell] ?? 0] = 1;
  const isSparse = new Uint8Array(lastWeek + 1);
  let weeks = 0;
  for (let week = firstWeek; week <= lastWeek; week += 1) {
    weeks += seen[week] ?? 0;
    isSparse[week] = weeks < SPARSE_SHARE * (week - firstWeek + 1) ? 1 : 0;
  }
  for (let cell = 0; cell < cells.cells; cell += 1) {
    if (isSparse[cells.week[cell] ?? 0] === 1) flags[cell] = (flags[cell] ?? 0) | FLAG.sparse;
  }
}

/** Step 7 for an observed price. */
function quality(cells: PriceCells, cell: number, flags: number): number {
  const noise = Math.min((cells.deviation[cell] ?? 0) / (cells.median[cell] ?? 1), 0.3);
  const thin = (cells.count[cell] ?? 0) < THIN_COUNT ? 0.2 : 0;
  const fault = (flags & FAULTS) === 0 ? 0 : 0.2;
  const remarks = 0.05 * bitCount(flags & ~FAULTS);
  return Math.max(0, 1 - thin - 0.1 * noise - fault - remarks);
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

/** Quality of a price from the waterfall: thin and not observed. */
export const IMPUTED_QUALITY = 1 - 0.2 - 0.3;
