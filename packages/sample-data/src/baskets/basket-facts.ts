import { cumulative, pick } from '../distributions.js';

/** Share of baskets with 1, 2, ... lines, in percent; a geometric tail goes on from there (LGSR). */
const LINES = [
  19.28, 15.72, 11.68, 8.49, 6.6, 5.19, 4.25, 3.51, 2.99, 2.57, 2.33, 2.05, 1.82, 1.62, 1.5, 1.31, 1.17, 1.05,
  0.94, 0.83, 0.72, 0.64, 0.56, 0.48, 0.42, 0.36, 0.31, 0.28, 0.23, 0.19,
];
const TAIL = 0.9;
const TAIL_RATIO = 0.84;
const LONGEST = 87;

const linesSums = cumulative([
  ...LINES,
  ...Array.from(
    { length: LONGEST - LINES.length },
    (_, step) => TAIL * (1 - TAIL_RATIO) * TAIL_RATIO ** step,
  ),
]);

/** Number of lines of the basket at a place between 0 and 1 in the distribution of all baskets. */
export const linesAt = (place: number): number =>
  1 + pick(linesSums, Math.min(1 - 1e-12, Math.max(0, place)));

/** Missions that a basket can have, with the share of lines that each division D00001 to D00009 has in them. */
export const MISSIONS = [
  { name: 'Fresh', divisions: [1.25, 1.28, 0.63, 0.3, 0.5, 0.2, 0.2, 0.8, 0.2] },
  { name: 'Grocery', divisions: [0.7, 0.4, 2.05, 0.5, 0.9, 0.2, 0.2, 1.5, 0.3] },
  { name: 'Mixed', divisions: [0.75, 0.85, 1.2, 0.7, 1.3, 0.2, 0.2, 1.1, 0.3] },
  { name: 'Nonfood', divisions: [0.3, 0.25, 0.35, 30, 6, 40, 40, 2, 40] },
] as const;

/** Share of the missions in small (S), middle (M) and large (L) baskets (LGSR). */
const MISSION_SHARES: Readonly<Record<BasketSize, Float64Array>> = {
  S: cumulative([49, 25, 10, 13]),
  M: cumulative([53, 22, 21, 4]),
  L: cumulative([50, 11, 39, 1]),
};

export type BasketSize = 'S' | 'M' | 'L';

/** Place of the mission in {@link MISSIONS}. */
export const missionAt = (size: BasketSize, place: number): number => pick(MISSION_SHARES[size], place);

/** Chance of size S, then M, for a basket of 1, 2, ... 9 lines; longer ones are L (LGSR). */
const SIZE_CHANCES = [
  [0.79, 0.2],
  [0.7, 0.28],
  [0, 0.96],
  [0, 0.92],
  [0, 0.84],
  [0, 0.68],
  [0, 0.58],
  [0, 0.26],
  [0, 0.22],
] as const;

export function sizeOf(lines: number, place: number): BasketSize {
  const [small, middle] = SIZE_CHANCES[lines - 1] ?? [0, 0];
  if (place < small) return 'S';
  return place < small + middle ? 'M' : 'L';
}

/** BASKET_TYPE from size and lines; full shops begin at 12 lines. */
export function typeOf(size: BasketSize, lines: number, place: number): string {
  if (size === 'L') {
    if (lines >= 12) return place < Math.min(0.95, 0.25 + 0.055 * (lines - 12)) ? 'Full Shop' : 'Top Up';
    return place < 0.04 ? 'Small Shop' : 'Top Up';
  }
  if (lines === 1 && place < 0.068) return 'XX';
  return size === 'M' && place > 0.72 && lines >= 3 ? 'Top Up' : 'Small Shop';
}

/** Quantities of goods that are not weighed: never 2 (LGSR). More are bought of what is cheap. */
const QUANTITIES = [1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 30] as const;
const cheapSums = cumulative([71.5, 20.5, 3.5, 0.9, 1.5, 0.7, 0.5, 0.45, 0.15, 0.2, 0.15, 0.01]);
const dearSums = cumulative([84.6, 12.2, 1.4, 0.3, 0.45, 0.2, 0.15, 0.12, 0.03, 0.05, 0.03, 0.002]);

/** A third of the lines cost less than this, in pence. */
const CHEAP_PENCE = 78;

export const quantityAt = (pence: number, place: number): number =>
  QUANTITIES[pick(pence < CHEAP_PENCE ? cheapSums : dearSums, place)] ?? 1;

/** Bounds of the mean price tier below which a basket is LA and above which it is UM, by its lines' noise. */
export function sensitivityOf(meanTier: number, lines: number, place: number): string {
  if (lines === 1 && place < 0.09) return 'XX';
  const spread = 0.29 / Math.sqrt(lines) + 0.055;
  const score = (meanTier - 0.5) / spread;
  if (score < -0.68) return 'LA';
  return score > 0.72 ? 'UM' : 'MM';
}
