import { describe, expect, it } from 'vitest';
import { drawAssociations, themeAt } from './associations.js';
import { buildCatalogue, rankPopularity, spread } from './catalogue.js';
import { DEPARTMENTS } from './department-facts.js';

const catalogue = buildCatalogue(42, 4997, 117);

describe('the catalogue', () => {
  it('has the hierarchy of LGSR, and it is a tree', () => {
    expect([catalogue.classes, catalogue.departments, catalogue.groups]).toEqual([250, 90, 31]);
    const parent = new Map<number, number>();
    for (const [product, index] of catalogue.classOf.entries()) {
      const department = catalogue.departmentOf[product] ?? -1;
      expect(parent.get(index) ?? department).toBe(department);
      parent.set(index, department);
    }
    expect(new Set(catalogue.productCodes).size).toBe(4997);
  });

  it('gives each division its share of the lines', () => {
    const shares = new Float64Array(DEPARTMENTS.length);
    for (const [product, index] of catalogue.divisionOf.entries()) {
      shares[index] = (shares[index] ?? 0) + (catalogue.popularity[product] ?? 0);
    }
    const total = DEPARTMENTS.reduce((sum, { rows }) => sum + rows, 0);
    for (const [index, { rows }] of DEPARTMENTS.entries()) expect(shares[index]).toBeCloseTo(rows / total, 9);
  });

  it('spreads the prices of lines as LGSR does', () => {
    const order = [...catalogue.basePence.keys()].sort(
      (left, right) => (catalogue.basePence[left] ?? 0) - (catalogue.basePence[right] ?? 0),
    );
    const priceAt = (place: number): number => {
      let below = 0;
      for (const product of order) {
        below += catalogue.popularity[product] ?? 0;
        if (below >= place) return (catalogue.basePence[product] ?? 0) / 100;
      }
      return Number.NaN;
    };
    // Section 3 of the facts: quartiles of the unit price of a line.
    expect(priceAt(0.25)).toBeCloseTo(0.65, 1);
    expect(priceAt(0.5)).toBeCloseTo(1.05, 1);
    expect(priceAt(0.75)).toBeCloseTo(1.67, 1);
  });

  it('falls in popularity with the rank; ten products of 4,997 have about a tenth of the lines', () => {
    const popularity = rankPopularity(4997);
    expect(popularity.every((share, rank) => rank === 0 || share <= (popularity[rank - 1] ?? 0))).toBe(true);
    const top = popularity.subarray(0, 10).reduce((sum, share) => sum + share, 0);
    expect(top).toBeGreaterThan(0.09);
    expect(top).toBeLessThan(0.14);
  });
});

describe('spread', () => {
  it('divides by share, and leaves nobody without', () => {
    expect([...spread(10, [1, 1])]).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    expect(new Set(spread(5, [100, 1, 1, 1]))).toEqual(new Set([0, 1, 2, 3]));
  });
});

describe('themes', () => {
  const associations = drawAssociations(42, catalogue);

  it('lean to short or long baskets', () => {
    const often = (length: number) => {
      const counts = new Float64Array(associations.themes + 1);
      for (let place = 0.5; place < 1000; place++) {
        const theme = themeAt(associations, length, place / 1000);
        counts[theme] = (counts[theme] ?? 0) + 1;
      }
      return counts;
    };
    const short = often(-1);
    const long = often(1);
    for (const [theme, lean] of associations.themeLean.entries()) {
      if (Math.abs(lean) < 1) continue;
      expect(Math.sign((long[theme] ?? 0) - (short[theme] ?? 0))).toBe(Math.sign(lean));
    }
  });

  it('prefer some classes and avoid others', () => {
    const { classWeight } = associations;
    expect(classWeight.some((weight) => weight > 3)).toBe(true);
    expect(classWeight.some((weight) => weight < 0.2)).toBe(true);
    expect(classWeight.every((weight) => weight > 0)).toBe(true);
  });
});
