import { keyedStream, shuffledOrder } from '@retail-sim/random';
import type { Catalogue } from './catalogue.js';

/**
 * Themes are what goes together in a basket: a breakfast, a barbecue, a baby. A basket has one theme or none; the
 * theme multiplies the weight of every class, up or down, so some pairs are bought together more often than chance
 * and others hardly at all. Some themes belong to a quick errand, others to a large shop. Products of one class
 * replace each other: a second one is rarely put into the same basket.
 */
export interface Associations {
  readonly themes: number;
  /** Chance of each theme in a basket of middle length; the rest has none. */
  readonly themeShare: Float64Array;
  /** How the chance of each theme grows (+) or falls (-) with the length of the basket, per standard deviation. */
  readonly themeLean: Float64Array;
  /** Factor of each class in each theme, [themes, classes]. */
  readonly classWeight: Float64Array;
}

const THEMES = 24;

/** Share of the baskets of middle length that have a theme. */
const THEMED_SHARE = 0.8;

/** Spread of the factors (sd of the logarithm): what a department and what each of its classes adds. */
const DEPARTMENT_SD = 1.5;
const CLASS_SD = 0.5;

/** Themes lean towards short or long baskets by up to this much, evenly spread. */
const MOST_LEAN = 2.3;

/** Spread of ln(lines) between baskets. */
const LINES_LOG_SD = 0.98;

/** A second product of one class is put into a basket with this chance only. */
export const SECOND_OF_CLASS = 0.2;

export function drawAssociations(
  seed: number,
  { classes, departments, classOf, departmentOf }: Catalogue,
): Associations {
  const random = keyedStream(seed, 'associations');
  const shares = Float64Array.from({ length: THEMES }, () => 0.4 + random.uniform());
  const sum = shares.reduce((all, share) => all + share, 0);
  const departmentOfClass = new Uint16Array(classes);
  for (const [product, index] of classOf.entries()) departmentOfClass[index] = departmentOf[product] ?? 0;
  const classWeight = new Float64Array(THEMES * classes);
  for (let theme = 0; theme < THEMES; theme++) {
    const ofDepartment = Float64Array.from({ length: departments }, () => DEPARTMENT_SD * random.normal());
    for (let index = 0; index < classes; index++) {
      const log = (ofDepartment[departmentOfClass[index] ?? 0] ?? 0) + CLASS_SD * random.normal();
      classWeight[theme * classes + index] = Math.exp(log);
    }
  }
  const themeShare = shares.map((share) => (THEMED_SHARE * share) / sum);
  const themeLean = Float64Array.from(
    shuffledOrder(random, THEMES),
    (rank) => MOST_LEAN * ((2 * rank + 1) / THEMES - 1),
  );
  levelClasses(classWeight, lineShares({ themeShare, themeLean }), classes);
  return { themes: THEMES, themeShare, themeLean, classWeight };
}

/** Scales the factors of each class so that they are 1 on average over all lines: popularity stays what it is. */
function levelClasses(classWeight: Float64Array, chance: Float64Array, classes: number): void {
  const none = chance.reduce((left, share) => left - share, 1);
  for (let index = 0; index < classes; index++) {
    const mean = chance.reduce(
      (sum, share, theme) => sum + share * (classWeight[theme * classes + index] ?? 1),
      none,
    );
    for (let theme = 0; theme < chance.length; theme++) {
      classWeight[theme * classes + index] = (classWeight[theme * classes + index] ?? 1) / mean;
    }
  }
}

/** Share of all lines that lie in baskets of each theme, [themes]: an integral over the lengths of baskets. */
function lineShares(themes: Pick<Associations, 'themeShare' | 'themeLean'>): Float64Array {
  const shares = new Float64Array(themes.themeShare.length);
  let lines = 0;
  for (let length = -3; length <= 3; length += 0.25) {
    const weights = weightsAt(themes, length);
    const total = weights.reduce((sum, weight) => sum + weight, 1 - THEMED_SHARE);
    const density = Math.exp(LINES_LOG_SD * length - (length * length) / 2);
    lines += density;
    for (const [theme, weight] of weights.entries()) {
      shares[theme] = (shares[theme] ?? 0) + (density * weight) / total;
    }
  }
  return shares.map((share) => share / lines);
}

/** Weights of the themes in a basket of a length; that of no theme is what THEMED_SHARE leaves. */
const weightsAt = (
  { themeShare, themeLean }: Pick<Associations, 'themeShare' | 'themeLean'>,
  length: number,
): Float64Array => themeShare.map((share, theme) => share * Math.exp((themeLean[theme] ?? 0) * length));

/**
 * Theme of a basket; one without a theme has the number after the last.
 *
 * @param length place of the basket's length on the normal scale
 * @param place uniform in [0, 1)
 */
export function themeAt(associations: Associations, length: number, place: number): number {
  const weights = weightsAt(associations, length);
  let left = place * weights.reduce((sum, weight) => sum + weight, 1 - THEMED_SHARE);
  for (const [theme, weight] of weights.entries()) {
    if (left < weight) return theme;
    left -= weight;
  }
  return weights.length;
}
