import { InputError } from '@retail-sim/errors';
import type { Split } from '../schemas/split.js';

/** A week with data. */
export interface DataWeek {
  readonly week: number;
  readonly weekIdx: number;
  readonly baskets: number;
}

/** `80/10/10` as shares, or fit on everything. */
export type SplitRule =
  | { readonly kind: 'none' }
  | { readonly kind: 'ratio'; readonly shares: readonly [number, number, number] };

/** Reads `--split`: `none`, or three whole numbers that add up to 100. */
export function parseSplitRule(text: string): SplitRule | undefined {
  if (text === 'none') return { kind: 'none' };
  const match = /^(\d{1,2})\/(\d{1,2})\/(\d{1,2})$/.exec(text);
  const [train, validation, test] = (match ?? []).slice(1).map(Number);
  if (train === undefined || validation === undefined || test === undefined) return undefined;
  if (train + validation + test !== 100 || train === 0) return undefined;
  return { kind: 'ratio', shares: [train / 100, validation / 100, test / 100] };
}

/**
 * Cuts the weeks with data into train, validation and test, in time order, each cut at the week border nearest to
 * its share of all baskets (spec section 4 §5.2 by whole weeks). With `none` everything is train. Fewer than three
 * weeks cannot be cut: everything is train and the caller warns.
 */
export function decideSplit(
  rule: SplitRule,
  text: string,
  weeks: readonly DataWeek[],
  fitThrough?: number,
): Split {
  const { train, validation, test } =
    rule.kind === 'none' || weeks.length < 3
      ? { train: weeks, validation: [], test: [] }
      : cutByShares(rule.shares, weeks);
  const last = fitThrough === undefined ? train.at(-1) : weekOf(fitThrough, weeks);
  return {
    version: 1,
    rule: rule.kind === 'ratio' && weeks.length < 3 ? 'none' : text,
    train: train.map(({ weekIdx }) => weekIdx),
    validation: validation.map(({ weekIdx }) => weekIdx),
    test: test.map(({ weekIdx }) => weekIdx),
    fitThroughWeek: last?.weekIdx ?? 0,
    fitThroughShopWeek: last?.week ?? 0,
  };
}

function cutByShares(shares: readonly [number, number, number], weeks: readonly DataWeek[]) {
  const total = weeks.reduce((sum, { baskets }) => sum + baskets, 0);
  const cut = (share: number, from: number, to: number) => {
    let best = from;
    let bestDistance = Number.POSITIVE_INFINITY;
    let before = 0;
    weeks.forEach(({ baskets }, index) => {
      if (index >= from && index <= to) {
        const distance = Math.abs(before - share * total);
        if (distance < bestDistance) {
          best = index;
          bestDistance = distance;
        }
      }
      before += baskets;
    });
    if (to === weeks.length && Math.abs(total - share * total) < bestDistance) best = to;
    return best;
  };
  // A part with a share gets at least one week.
  const validationWeeks = shares[1] > 0 ? 1 : 0;
  const testWeeks = shares[2] > 0 ? 1 : 0;
  const trainEnd = cut(shares[0], 1, weeks.length - validationWeeks - testWeeks);
  const validationEnd = cut(shares[0] + shares[1], trainEnd + validationWeeks, weeks.length - testWeeks);
  return {
    train: weeks.slice(0, trainEnd),
    validation: weeks.slice(trainEnd, validationEnd),
    test: weeks.slice(validationEnd),
  };
}

/** `--fit-through-week` names the last week that a fitted statistic may read, with or without data of its own. */
function weekOf(fitThrough: number, weeks: readonly DataWeek[]): DataWeek {
  const [first] = weeks;
  const found = weeks.filter(({ week }) => week <= fitThrough).at(-1);
  if (first === undefined || found === undefined) {
    throw new InputError({
      what: `--fit-through-week ${fitThrough} lies before the first week with data (${first?.week ?? 'none'})`,
      remedy: 'name a later week, YYYYWW',
    });
  }
  return found;
}
