// Which basket is train, validation or test (spec section 4, 5.2): the pipeline's whole weeks, or, for data of fewer than
// three weeks, the coarsest of day, hour and basket whose shares come out right. Always in time order.

import type { Split } from '@retail-sim/data-pipeline/schemas';
import { InputError } from '@retail-sim/errors';

export type SplitGranularity = 'week' | 'day' | 'hour' | 'basket';

/** Rows of train are 0..train-1, of val up to val-1, of test up to baskets-1. */
export interface BasketSplit {
  readonly granularity: SplitGranularity;
  readonly trainEnd: number;
  readonly valEnd: number;
  readonly baskets: number;
}

/** Baskets in time order, counted by the hour of one day. */
export interface HourCount {
  readonly week: number;
  readonly date: number;
  readonly hour: number;
  readonly baskets: number;
}

/** Fewer baskets cannot be split. */
const FEWEST_BASKETS = 10;
/** A share may miss its target by this much. */
const TOLERANCE = 0.02;
/** Data of fewer weeks is cut inside the week. */
const FEWEST_WEEKS = 3;

/**
 * Splits baskets that lie in time order.
 *
 * @throws InputError with fewer than 10 baskets, or when a part would be empty
 */
export function splitBaskets(
  hours: readonly HourCount[],
  split: Split,
  shares: readonly [number, number, number],
): BasketSplit {
  const baskets = hours.reduce((sum, hour) => sum + hour.baskets, 0);
  if (baskets < FEWEST_BASKETS) {
    throw new InputError({
      what: `${baskets} baskets cannot be split into train, validation and test`,
      remedy: `give the data pipeline at least ${FEWEST_BASKETS} baskets (a larger --nrows)`,
    });
  }
  const weeks = new Set(hours.map(({ week }) => week));
  const result =
    weeks.size < FEWEST_WEEKS && split.validation.length === 0 && split.test.length === 0
      ? cutInsideWeeks(hours, baskets, shares)
      : cutAtWeeks(hours, baskets, split);
  for (const [name, size] of [
    ['train', result.trainEnd],
    ['validation', result.valEnd - result.trainEnd],
    ['test', baskets - result.valEnd],
  ] as const) {
    if (size > 0) continue;
    throw new InputError({
      what: `the split ${split.rule} leaves no basket for ${name}; weeks with data: ${[...weeks].join(', ')}`,
      remedy: 'run retail-data-pipeline, retail-feature-engineering and this command with --split 80/10/10',
    });
  }
  return result;
}

function cutAtWeeks(hours: readonly HourCount[], baskets: number, split: Split): BasketSplit {
  const part = new Map([
    ...split.train.map((week) => [week, 'train'] as const),
    ...split.validation.map((week) => [week, 'val'] as const),
    ...split.test.map((week) => [week, 'test'] as const),
  ]);
  const lastTrainWeek = split.train.at(-1) ?? 0;
  if (split.fitThroughWeek > lastTrainWeek) {
    throw new InputError({
      what: `fitted statistics read weeks up to ${split.fitThroughWeek}, train ends with calendar week ${lastTrainWeek}: they have seen what the model is judged on`,
      remedy: 'run the data pipeline without --fit-through-week, or with an earlier one',
    });
  }
  const sizes = { train: 0, val: 0, test: 0 };
  for (const hour of hours) {
    const name = part.get(hour.week);
    if (name === undefined) {
      throw new InputError({
        what: `calendar week ${hour.week} has baskets but is in no part of the split ${split.rule}`,
        remedy: 'run retail-data-pipeline again',
      });
    }
    sizes[name] += hour.baskets;
  }
  return { granularity: 'week', trainEnd: sizes.train, valEnd: sizes.train + sizes.val, baskets };
}

function cutInsideWeeks(
  hours: readonly HourCount[],
  baskets: number,
  shares: readonly [number, number, number],
): BasketSplit {
  const targets = [shares[0] * baskets, (shares[0] + shares[1]) * baskets] as const;
  const keys = {
    week: ({ week }: HourCount) => week,
    day: ({ date }: HourCount) => date,
    hour: ({ date, hour }: HourCount) => date * 24 + hour,
  };
  for (const granularity of ['week', 'day', 'hour'] as const) {
    const bounds = boundaries(hours, keys[granularity]);
    const [trainEnd, valEnd] = targets.map((target) => nearest(bounds, target));
    if (trainEnd === undefined || valEnd === undefined) continue;
    const sizes = [trainEnd, valEnd - trainEnd, baskets - valEnd];
    const right = sizes.every(
      (size, part) => size > 0 && Math.abs(size / baskets - (shares[part] ?? 0)) <= TOLERANCE,
    );
    if (right) return { granularity, trainEnd, valEnd, baskets };
  }
  const [train, val] = targets;
  return { granularity: 'basket', trainEnd: Math.round(train), valEnd: Math.round(val), baskets };
}

/** Baskets before each change of the key. */
function boundaries(hours: readonly HourCount[], key: (hour: HourCount) => number): number[] {
  const bounds: number[] = [];
  let before = 0;
  for (const [index, hour] of hours.entries()) {
    const previous = hours[index - 1];
    if (previous !== undefined && key(previous) !== key(hour)) bounds.push(before);
    before += hour.baskets;
  }
  return bounds;
}

function nearest(bounds: readonly number[], target: number): number | undefined {
  return bounds.reduce<number | undefined>(
    (best, bound) =>
      best === undefined || Math.abs(bound - target) < Math.abs(best - target) ? bound : best,
    undefined,
  );
}
