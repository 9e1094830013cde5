import { keyedStream, shuffledOrder } from '@retail-sim/random';
import type { Catalogue } from './catalogue.js';

/**
 * Themes are what classes go together in a basket: a breakfast, a barbecue, a baby. A basket has one theme or
 * none; the theme multiplies the weight of its classes, so pairs of them are bought together more often than
 * chance. Products of one class replace each other: a second one is rarely put into the same basket.
 */
export interface Associations {
  readonly themes: number;
  /** Chance of each theme; the rest has none. */
  readonly themeShare: Float64Array;
  /** Weight of each class in each theme, [themes, classes]; 1 outside the theme. */
  readonly classWeight: Float64Array;
}

const THEMES = 14;

/** Share of the baskets that have a theme. */
const THEMED_SHARE = 0.72;

/** Share of the classes that belong to a theme, and how much stronger they are in it. */
const THEME_SIZE = 0.12;
const THEME_STRENGTH = 5;

/** A second product of one class is put into a basket with this chance only. */
export const SECOND_OF_CLASS = 0.2;

export function drawAssociations(seed: number, { classes }: Catalogue): Associations {
  const random = keyedStream(seed, 'associations');
  const shares = Float64Array.from({ length: THEMES }, () => 0.4 + random.uniform());
  const sum = shares.reduce((all, share) => all + share, 0);
  const classWeight = new Float64Array(THEMES * classes).fill(1);
  const size = Math.max(2, Math.round(THEME_SIZE * classes));
  for (let theme = 0; theme < THEMES; theme++) {
    const members = shuffledOrder(random, classes).subarray(0, Math.min(size, classes));
    for (const member of members) {
      classWeight[theme * classes + member] = 1 + (THEME_STRENGTH - 1) * (0.5 + random.uniform());
    }
  }
  return { themes: THEMES, themeShare: shares.map((share) => (THEMED_SHARE * share) / sum), classWeight };
}
