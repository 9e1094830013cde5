import { keyedStream } from '@retail-sim/random';
import type { Catalogue } from '../catalogue/catalogue.js';
import { beta, cumulative, pick } from '../distributions.js';
import type { Customer } from './customers.js';
import { LIFE_STAGES, PRICE_SEGMENTS } from './segments.js';

/**
 * The products that a customer buys again and again: a draw from a Pitman-Yor process (Pitman and Yor 1997) over
 * what customers of the same segments buy. Most lines repeat the repertoire; the rest explores.
 */
export interface Repertoire {
  /** Distinct products, [K]. */
  readonly products: Uint16Array;
  /** Share of the customer's lines, [K]; what is missing to 1 explores. */
  readonly weights: Float32Array;
}

/** Discount and concentration: the share of new products falls from four in five to one in eight as in LGSR. */
const DISCOUNT = 0.5;
const CONCENTRATION = 26;

/** Sticks that are broken; what is left over explores. */
const LARGEST = 260;

/** Weight of every product for each pair of segments, as running sums: where repertoires are drawn from. */
export function segmentTastes(catalogue: Catalogue): ReadonlyMap<number, Float64Array> {
  const tastes = new Map<number, Float64Array>();
  for (let price = 0; price < PRICE_SEGMENTS.length; price++) {
    for (let stage = 0; stage < LIFE_STAGES.length; stage++) {
      const tierTaste = PRICE_SEGMENTS[price]?.tierTaste ?? 0;
      const divisions = LIFE_STAGES[stage]?.divisions ?? [];
      const weights = Float64Array.from(
        catalogue.popularity,
        (share, product) =>
          share *
          Math.exp(tierTaste * ((catalogue.priceTier[product] ?? 0.5) - 0.5)) *
          (divisions[catalogue.divisionOf[product] ?? 0] ?? 1),
      );
      tastes.set(tasteKey(price, stage), cumulative(weights));
    }
  }
  return tastes;
}

export const tasteKey = (priceSegment: number, lifeStage: number): number =>
  priceSegment * LIFE_STAGES.length + lifeStage;

export function drawRepertoire(
  seed: number,
  customer: Customer,
  tastes: ReadonlyMap<number, Float64Array>,
): Repertoire {
  const random = keyedStream(seed, 'repertoire', customer.index);
  const taste = tastes.get(tasteKey(customer.priceSegment, customer.lifeStage)) ?? new Float64Array(1);
  // The heavier shopper gets the longer list; nobody needs more sticks than lines.
  const expected = customer.visitsPerWeek * (customer.lastWeek - customer.firstWeek + 1) * 12;
  const sticks = Math.min(LARGEST, Math.max(8, Math.ceil(expected)));
  const shares = new Map<number, number>();
  let left = 1;
  for (let stick = 1; stick <= sticks; stick++) {
    const broken = left * beta(random, 1 - DISCOUNT, CONCENTRATION + stick * DISCOUNT);
    left -= broken;
    const product = pick(taste, random.uniform());
    shares.set(product, (shares.get(product) ?? 0) + broken);
  }
  return { products: Uint16Array.from(shares.keys()), weights: Float32Array.from(shares.values()) };
}
