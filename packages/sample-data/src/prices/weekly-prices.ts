import { keyedStream } from '@retail-sim/random';
import type { ShopWeek } from '../calendar/shop-calendar.js';
import type { Catalogue } from '../catalogue/catalogue.js';

/** `lgsr`: prices never change, as in the real data. `promo`: promotions and drift, with planted elasticities. */
export const PROFILES = ['lgsr', 'promo'] as const;
export type Profile = (typeof PROFILES)[number];

/** How demand answers to prices; planted in the `promo` profile, zero in `lgsr`. */
export interface Elasticities {
  /** Own-price elasticity of each product, [products], negative. */
  readonly own: Float64Array;
  /** The substitute of each product in its class, [products]; the product itself where it has none. */
  readonly substitute: Uint16Array;
  /** Cross-price elasticity towards that substitute, [products], positive. */
  readonly cross: Float64Array;
}

/** Prices and demand of one week; every array has one entry a product. */
export interface WeeklyPrices {
  /** Shelf price without promotion, and price paid, in pence. */
  readonly basePence: Uint32Array;
  readonly pence: Uint32Array;
  readonly promoted: Uint8Array;
  /** Factor on the weight of each product: prices, season, launch. */
  readonly demand: Float64Array;
}

const OWN_MEAN = -2.1;
const OWN_SD = 0.5;
const CROSS_SHARE = 0.35;

/** Promotions: weeks that a slot lasts, chance that a slot holds one, depths and lengths. */
const SLOT_WEEKS = 6;
const PROMOTION_CHANCE = 0.3;
const DEPTHS = [0.1, 0.15, 0.2, 0.25, 0.33, 0.4];
const LONGEST_PROMOTION = 4;

/** Base prices move once a year, by this much (sd of the logarithm) around 3 % inflation. */
const DRIFT_SD = 0.03;
const INFLATION = 0.03;

export function drawElasticities(seed: number, catalogue: Catalogue, profile: Profile): Elasticities {
  const planted = profile === 'promo';
  const substitute = nearestInClass(catalogue);
  const own = Float64Array.from({ length: catalogue.products }, (_, product) => {
    const noise = keyedStream(seed, 'own-elasticity', product).normal();
    return planted ? Math.min(-0.6, OWN_MEAN + OWN_SD * noise) : 0;
  });
  const cross = Float64Array.from(substitute, (other, product) =>
    other === product ? 0 : -(own[product] ?? 0) * CROSS_SHARE,
  );
  return { own, substitute, cross };
}

/** The product of the same class whose price is nearest, the more popular one where two tie. */
function nearestInClass({ products, classOf, classes, basePence }: Catalogue): Uint16Array {
  const members: number[][] = Array.from({ length: classes }, () => []);
  for (let product = 0; product < products; product++) members[classOf[product] ?? 0]?.push(product);
  const nearest = Uint16Array.from({ length: products }, (_, product) => product);
  for (const own of members) {
    own.sort((left, right) => (basePence[left] ?? 0) - (basePence[right] ?? 0) || left - right);
    for (const [position, product] of own.entries()) {
      const below = own[position - 1];
      const above = own[position + 1];
      const gap = (other: number | undefined): number =>
        other === undefined
          ? Number.POSITIVE_INFINITY
          : Math.abs((basePence[other] ?? 0) - (basePence[product] ?? 0));
      const chosen = gap(below) <= gap(above) ? below : above;
      if (chosen !== undefined) nearest[product] = chosen;
    }
  }
  return nearest;
}

export function weeklyPrices(
  seed: number,
  catalogue: Catalogue,
  elasticities: Elasticities,
  profile: Profile,
  week: ShopWeek,
): WeeklyPrices {
  const { products } = catalogue;
  const basePence = new Uint32Array(products);
  const pence = new Uint32Array(products);
  const promoted = new Uint8Array(products);
  for (let product = 0; product < products; product++) {
    const start = catalogue.basePence[product] ?? 1;
    if (profile === 'lgsr' || catalogue.weighed[product] === 1 || start < 10) {
      basePence[product] = start;
      pence[product] = start;
      continue;
    }
    const base = driftedPence(seed, product, start, week.index);
    const depth = promotionDepth(seed, product, week.index);
    basePence[product] = base;
    pence[product] = Math.max(1, Math.round(base * (1 - depth)));
    promoted[product] = depth > 0 ? 1 : 0;
  }
  return { basePence, pence, promoted, demand: demandOf(catalogue, elasticities, week, basePence, pence) };
}

function driftedPence(seed: number, product: number, start: number, weekIndex: number): number {
  let log = 0;
  const years = Math.floor((weekIndex + keyedStream(seed, 'price-month', product).below(52)) / 52);
  for (let year = 1; year <= years; year++) {
    log += INFLATION + DRIFT_SD * keyedStream(seed, 'price-year', product, year).normal();
  }
  return Math.max(1, Math.round(start * Math.exp(log)));
}

/** Share of the price that a promotion takes off in a week; 0 without one. */
function promotionDepth(seed: number, product: number, weekIndex: number): number {
  const slot = Math.floor(weekIndex / SLOT_WEEKS);
  const random = keyedStream(seed, 'promotion', product, slot);
  if (random.uniform() >= PROMOTION_CHANCE) return 0;
  const depth = DEPTHS[random.below(DEPTHS.length)] ?? 0;
  const length = 1 + random.below(LONGEST_PROMOTION);
  const start = random.below(SLOT_WEEKS - length + 1);
  const inSlot = weekIndex - slot * SLOT_WEEKS;
  return inSlot >= start && inSlot < start + length ? depth : 0;
}

function demandOf(
  catalogue: Catalogue,
  { own, substitute, cross }: Elasticities,
  week: ShopWeek,
  basePence: Uint32Array,
  pence: Uint32Array,
): Float64Array {
  const fiscalWeek = week.week % 100;
  const logRatio = (product: number): number => Math.log((pence[product] ?? 1) / (basePence[product] ?? 1));
  return Float64Array.from({ length: catalogue.products }, (_, product) => {
    if ((catalogue.firstWeek[product] ?? 0) > week.index) return 0;
    const prices =
      (own[product] ?? 0) * logRatio(product) +
      (cross[product] ?? 0) * logRatio(substitute[product] ?? product);
    const strength = catalogue.seasonStrength[product] ?? 0;
    const season =
      strength === 0 ? 1 : seasonFactor(strength, fiscalWeek, catalogue.seasonPeak[product] ?? 1);
    return Math.exp(prices) * season;
  });
}

/** A yearly wave: strongest at its peak, and 1 on average. */
function seasonFactor(strength: number, fiscalWeek: number, peak: number): number {
  const wave = Math.cos((2 * Math.PI * (fiscalWeek - peak)) / 52);
  return Math.exp(strength * 0.5 * wave) / besselZero(strength * 0.5);
}

/** Modified Bessel function of order 0: the mean of exp(x cos t) over a turn (Abramowitz and Stegun 9.8.1). */
function besselZero(x: number): number {
  const t = (x / 3.75) ** 2;
  return (
    1 +
    t * (3.5156229 + t * (3.0899424 + t * (1.2067492 + t * (0.2659732 + t * (0.0360768 + t * 0.0045813)))))
  );
}
