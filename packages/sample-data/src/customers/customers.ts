import { keyedStream } from '@retail-sim/random';
import { beta, cumulative, normalCdf, pick } from '../distributions.js';
import { STORE_FORMATS, type Stores } from '../stores/stores.js';
import { LIFE_STAGES, PASSER_BY, PRICE_SEGMENTS } from './segments.js';

/** What a customer is; drawn once, the same in every week. */
export interface Customer {
  readonly index: number;
  readonly code: string;
  /** Positions in {@link PRICE_SEGMENTS} and {@link LIFE_STAGES}. */
  readonly priceSegment: number;
  readonly lifeStage: number;
  /** Expected baskets of a week between first and last week. */
  readonly visitsPerWeek: number;
  readonly firstWeek: number;
  readonly lastWeek: number;
  /** Place of the customer's baskets on the normal scale of the logarithm of basket lengths. */
  readonly basketShift: number;
  /** Middle of the customer's shopping hours on the normal scale. */
  readonly hourShift: number;
  /** The stores that the customer goes to, the favourite first, and running sums of their shares. */
  readonly stores: Uint16Array;
  readonly storeShare: Float64Array;
}

/** Chance of a visit in a week follows Beta(a, b) between customers (LGSR: 1.01, 0.94). */
const VISIT_A = 1.01;
const VISIT_B = 0.94;

/** Brings the mean of the baskets of a week with a visit to that of LGSR. */
const RATE_SCALE = 0.8;

/** No customer comes more often than this, in baskets a week. */
const MOST_VISITS = 3.6;

/** Expected baskets over all weeks of a customer of whom hardly anything is known. */
const PASSER_BY_BASKETS = 1.6;

/** By how much their baskets are shorter. */
const PASSER_BY_SHIFT = 0.6;

/** Share of customers who are there from the first week, and of those who stay to the last. */
const THERE_FROM_START = 0.78;
const STAY_TO_END = 0.78;

/** Standard deviation between customers on the normal scale of basket lengths and of hours. */
export const BASKET_BETWEEN = 0.56;
export const HOUR_BETWEEN = 0.55;

/** Who comes twice as often buys shorter baskets, by this times ln 2; no change at the middle visit rate. */
const FREQUENCY_SHIFT = -0.16;
const MIDDLE_VISITS = 1.1;

const MOST_STORES = 14;

const priceSegments = cumulative(PRICE_SEGMENTS.map(({ share }) => share));
const lifeStages = cumulative(LIFE_STAGES.map(({ share }) => share));

export function drawCustomer(seed: number, index: number, weeks: number, stores: Stores): Customer {
  const random = keyedStream(seed, 'customer', index);
  const priceSegment = pick(priceSegments, random.uniform());
  const lifeStage = pick(lifeStages, random.uniform());
  const stage = LIFE_STAGES[lifeStage];
  const passerBy = priceSegment === PASSER_BY;
  const rate = -RATE_SCALE * Math.log(1 - Math.min(0.999, beta(random, VISIT_A, VISIT_B)));
  const firstWeek = random.uniform() < THERE_FROM_START ? 0 : Math.floor(weeks * random.uniform() ** 1.5);
  const lastWeek =
    random.uniform() < STAY_TO_END
      ? weeks - 1
      : firstWeek + Math.floor((weeks - firstWeek) * random.uniform());
  const own = drawStores(random.uniform, stores);
  const format = STORE_FORMATS[stores.formatOf[own.stores[0] ?? 0] ?? 0];
  const visits = passerBy ? PASSER_BY_BASKETS / weeks : Math.min(MOST_VISITS, rate * (stage?.visits ?? 1));
  return {
    index,
    code: `CUST${String(1 + index * 7 + random.below(7)).padStart(10, '0')}`,
    priceSegment,
    lifeStage,
    visitsPerWeek: visits,
    firstWeek: passerBy ? 0 : firstWeek,
    lastWeek: passerBy ? weeks - 1 : lastWeek,
    basketShift:
      BASKET_BETWEEN * random.normal() +
      (stage?.basketShift ?? 0) +
      (format?.basketShift ?? 0) -
      (passerBy ? PASSER_BY_SHIFT : -FREQUENCY_SHIFT * Math.log(Math.max(0.05, visits) / MIDDLE_VISITS)),
    hourShift: HOUR_BETWEEN * random.normal(),
    ...own,
  };
}

/** A favourite store that draws about three visits of four, and a few others, each half as likely as the one before. */
function drawStores(uniform: () => number, stores: Stores): Pick<Customer, 'stores' | 'storeShare'> {
  const favourite = 0.35 + 0.65 * Math.sqrt(uniform());
  const count = 1 + Math.floor(MOST_STORES * uniform() ** 1.1);
  const chosen = new Set<number>();
  for (let attempt = 0; chosen.size < count && attempt < 50; attempt++) {
    chosen.add(pick(stores.attraction, uniform()));
  }
  const shares = Float64Array.from(chosen.keys(), () => 0);
  let rest = 1 - favourite;
  for (let position = 0; position < shares.length; position++) {
    if (position === 0) {
      shares[position] = favourite;
    } else {
      shares[position] = rest * 0.45;
      rest *= 0.55;
    }
  }
  return { stores: Uint16Array.from(chosen), storeShare: cumulative(shares) };
}

/** Hours of baskets from 8 to 21, in percent (LGSR). */
const HOURS = [6.0, 4.1, 5.5, 7.0, 8.1, 9.0, 9.1, 8.9, 8.5, 7.7, 6.9, 5.9, 4.8, 8.6];
const FIRST_HOUR = 8;
const hours = cumulative(HOURS);

/** Hour at a place on the normal scale; the shift of a customer keeps hours personal. */
export function hourAt(shift: number, noise: number): number {
  const z = shift + Math.sqrt(1 - HOUR_BETWEEN ** 2) * noise;
  return FIRST_HOUR + pick(hours, Math.min(1 - 1e-9, normalCdf(z)));
}
