import { medianOfSorted, sampleDeviation, sortRange } from './median.js';
import type { PriceContext } from './parameters.js';

/** Lines of one product, ascending by (store, week). All arrays `[lines]`. */
export interface ProductLines {
  readonly product: number;
  readonly lines: number;
  readonly store: Uint32Array;
  /** week_idx */
  readonly week: Int16Array;
  readonly quantity: Float64Array;
  readonly spendPence: Float64Array;
}

/** Why a line says nothing about a price. */
export const INVALID_REASONS = ['nonpositive_qty', 'nonpositive_spend', 'below_min', 'above_max'] as const;
export type InvalidReason = (typeof INVALID_REASONS)[number];

/** One cell per (store, week) of a product, ascending. All arrays `[cells]`; `count` 0 marks a cell without a price. */
export interface PriceCells {
  readonly product: number;
  readonly cells: number;
  readonly store: Uint32Array;
  readonly week: Int16Array;
  /** Median unit price of the valid lines, GBP; NaN without any. */
  readonly median: Float64Array;
  /** Sample standard deviation of the same. */
  readonly deviation: Float64Array;
  /** Valid lines. */
  readonly count: Uint32Array;
  readonly quantity: Float64Array;
  readonly spendPence: Float64Array;
  /** Unit prices of the valid lines, and whether the line lies in the fit window. */
  readonly unitPrices: Float64Array;
  readonly inFitWindow: Uint8Array;
  readonly maxFitQuantity: number;
  readonly invalid: Readonly<Record<InvalidReason, number>>;
}

/** Spec section 2 §1, steps 1 and 2. Valid lines: PD-5 in pence; the reference compares the quotient, strictly. */
export function priceCells(lines: ProductLines, context: PriceContext): PriceCells {
  const size = lines.lines;
  const store = new Uint32Array(size);
  const week = new Int16Array(size);
  const median = new Float64Array(size);
  const deviation = new Float64Array(size);
  const count = new Uint32Array(size);
  const quantity = new Float64Array(size);
  const spendPence = new Float64Array(size);
  const unitPrices = new Float64Array(size);
  const inFitWindow = new Uint8Array(size);
  const invalid = { nonpositive_qty: 0, nonpositive_spend: 0, below_min: 0, above_max: 0 };
  let cells = 0;
  let valid = 0;
  let maxFitQuantity = 0;
  for (let line = 0; line < size; ) {
    const cellStore = lines.store[line] ?? 0;
    const cellWeek = lines.week[line] ?? 0;
    const isFit = cellWeek <= context.fitThroughWeek;
    const first = valid;
    let units = 0;
    let pence = 0;
    for (; line < size && lines.store[line] === cellStore && lines.week[line] === cellWeek; line += 1) {
      const lineQuantity = lines.quantity[line] ?? 0;
      const linePence = lines.spendPence[line] ?? 0;
      const reason = invalidReason(lineQuantity, linePence, context);
      if (reason !== undefined) {
        invalid[reason] += 1;
        continue;
      }
      unitPrices[valid] = linePence / 100 / lineQuantity;
      inFitWindow[valid] = isFit ? 1 : 0;
      valid += 1;
      units += lineQuantity;
      pence += linePence;
      if (isFit && lineQuantity > maxFitQuantity) maxFitQuantity = lineQuantity;
    }
    sortRange(unitPrices, first, valid);
    store[cells] = cellStore;
    week[cells] = cellWeek;
    count[cells] = valid - first;
    median[cells] = valid > first ? medianOfSorted(unitPrices, first, valid) : Number.NaN;
    deviation[cells] = sampleDeviation(unitPrices, first, valid);
    quantity[cells] = units;
    spendPence[cells] = pence;
    cells += 1;
  }
  return {
    product: lines.product,
    cells,
    store,
    week,
    median,
    deviation,
    count,
    quantity,
    spendPence,
    unitPrices: unitPrices.subarray(0, valid),
    inFitWindow,
    maxFitQuantity,
    invalid,
  };
}

function invalidReason(
  quantity: number,
  pence: number,
  { parameters, compat }: PriceContext,
): InvalidReason | undefined {
  const { minPrice, maxPrice } = parameters;
  if (quantity <= 0) return 'nonpositive_qty';
  const price = pence / 100 / quantity;
  if (compat) {
    if (!(price > minPrice)) return pence <= 0 ? 'nonpositive_spend' : 'below_min';
    return price < maxPrice ? undefined : 'above_max';
  }
  if (pence <= 0) return 'nonpositive_spend';
  // In pence: 0.01 GBP is exactly one penny a unit.
  if (pence < (Math.round(minPrice * 100 * 1e6) / 1e6) * quantity) return 'below_min';
  return price < maxPrice ? undefined : 'above_max';
}

/** A modal unit price on fewer of the lines than this marks goods sold by weight (PD-12). */
const MODAL_SHARE = 0.5;
const MODAL_DECIMALS = 10_000;

/**
 * The chain median of a product sold by weight, over the fit window (PD-12); undefined for all other products. Sold by
 * weight: never more than one unit a line, and no price that at least half of the lines share.
 */
export function weighedPrice(cells: PriceCells): number | undefined {
  if (cells.maxFitQuantity !== 1) return undefined;
  const prices = cells.unitPrices.filter((_, line) => cells.inFitWindow[line] === 1).sort();
  let longest = 0;
  let run = 0;
  for (let line = 0; line < prices.length; line += 1) {
    const same = line > 0 && roundPrice(prices[line]) === roundPrice(prices[line - 1]);
    run = same ? run + 1 : 1;
    if (run > longest) longest = run;
  }
  return longest < MODAL_SHARE * prices.length ? medianOfSorted(prices) : undefined;
}

function roundPrice(price: number | undefined): number {
  return Math.round((price ?? 0) * MODAL_DECIMALS);
}
