import { beforeAll, describe, expect, it } from 'vitest';
import { weekBaskets } from '../baskets/week-baskets.js';
import { drawShoppers } from '../transactions/write-week.js';
import { buildWorld, type World } from '../world.js';
import { weeklyPrices } from './weekly-prices.js';

const PRODUCTS = 400;

const worldOf = (profile: 'lgsr' | 'promo', customers: number): World =>
  buildWorld({ seed: 7, customers, weeks: 110, products: PRODUCTS, stores: 10, profile });

const pricesOf = (world: World) =>
  world.calendar.map((week) =>
    weeklyPrices(world.parameters.seed, world.catalogue, world.elasticities, world.parameters.profile, week),
  );

describe('prices', () => {
  it('never change in the profile lgsr, and nothing is planted', () => {
    const world = worldOf('lgsr', 1);
    for (const { pence, basePence, promoted } of pricesOf(world)) {
      expect(pence).toEqual(world.catalogue.basePence);
      expect(basePence).toEqual(world.catalogue.basePence);
      expect(promoted.every((flag) => flag === 0)).toBe(true);
    }
    expect(world.elasticities.own.every((value) => value === 0)).toBe(true);
  });

  it('fall by 10 to 40 % for one to four weeks in the profile promo, and drift once a year', () => {
    const world = worldOf('promo', 1);
    const weeks = pricesOf(world);
    let promoted = 0;
    for (const week of weeks) {
      for (let product = 0; product < PRODUCTS; product++) {
        const base = week.basePence[product] ?? 0;
        const price = week.pence[product] ?? 0;
        if (week.promoted[product] === 1) {
          promoted++;
          // Prices are whole pence.
          expect(price).toBeGreaterThanOrEqual(base * 0.6 - 0.5);
          expect(price).toBeLessThanOrEqual(base * 0.9 + 0.5);
        } else {
          expect(price).toBe(base);
        }
      }
    }
    // A slot of six weeks holds a promotion with a chance of 0.3, and 2.5 weeks of it on average.
    expect(promoted / (weeks.length * PRODUCTS)).toBeGreaterThan(0.08);
    expect(promoted / (weeks.length * PRODUCTS)).toBeLessThan(0.14);
  });
});

describe('demand in the profile promo', () => {
  let own: { readonly slope: number; readonly planted: number };
  let cross: { readonly slope: number; readonly planted: number };

  /** Regression of ln(lines) on ln(price / base price) of the product and of its substitute, within products. */
  beforeAll(() => {
    const world = worldOf('promo', 500);
    const shoppers = drawShoppers(world);
    const prices = pricesOf(world);
    const { substitute } = world.elasticities;
    const counts = world.calendar.map((week) => {
      const lines = new Float64Array(PRODUCTS);
      for (const product of weekBaskets(world, shoppers, week).productOf) {
        lines[product] = (lines[product] ?? 0) + 1;
      }
      return lines;
    });
    const sums = { oo: 0, oc: 0, cc: 0, oy: 0, cy: 0, planted: 0, plantedCross: 0, products: 0 };
    for (let product = 0; product < PRODUCTS; product++) {
      const usable = world.calendar
        .map((_, index) => index)
        .filter((index) => (counts[index]?.[product] ?? 0) > 0);
      const mean = usable.reduce((sum, index) => sum + (counts[index]?.[product] ?? 0), 0) / usable.length;
      // Rare products have weeks without a line, whose logarithm there is not; seasons are not prices.
      if (usable.length < 100 || mean < 8 || (world.catalogue.seasonStrength[product] ?? 0) > 0) continue;
      const logRatio = (index: number, of: number): number =>
        Math.log((prices[index]?.pence[of] ?? 1) / (prices[index]?.basePence[of] ?? 1));
      const other = substitute[product] ?? product;
      const rows = usable.map((index) => ({
        o: logRatio(index, product),
        c: other === product ? 0 : logRatio(index, other),
        y: Math.log(counts[index]?.[product] ?? 1),
      }));
      const average = (pick: (row: (typeof rows)[number]) => number) =>
        rows.reduce((sum, row) => sum + pick(row), 0) / rows.length;
      const [meanO, meanC, meanY] = [average(({ o }) => o), average(({ c }) => c), average(({ y }) => y)];
      for (const { o, c, y } of rows) {
        sums.oo += (o - meanO) ** 2;
        sums.oc += (o - meanO) * (c - meanC);
        sums.cc += (c - meanC) ** 2;
        sums.oy += (o - meanO) * (y - meanY);
        sums.cy += (c - meanC) * (y - meanY);
      }
      sums.planted += world.elasticities.own[product] ?? 0;
      sums.plantedCross += world.elasticities.cross[product] ?? 0;
      sums.products++;
    }
    const determinant = sums.oo * sums.cc - sums.oc ** 2;
    own = {
      slope: (sums.cc * sums.oy - sums.oc * sums.cy) / determinant,
      planted: sums.planted / sums.products,
    };
    cross = {
      slope: (sums.oo * sums.cy - sums.oc * sums.oy) / determinant,
      planted: sums.plantedCross / sums.products,
    };
  });

  it('answers to the own price as planted, a little damped because a basket takes a product once', () => {
    expect(own.slope / own.planted).toBeGreaterThan(0.7);
    expect(own.slope / own.planted).toBeLessThan(1.1);
  });

  it('answers to the price of the substitute as planted', () => {
    expect(cross.slope / cross.planted).toBeGreaterThan(0.5);
    expect(cross.slope / cross.planted).toBeLessThan(1.3);
  });
});
