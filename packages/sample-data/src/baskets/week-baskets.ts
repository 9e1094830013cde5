import { keyedStream, type RandomStream } from '@retail-sim/random';
import type { ShopWeek } from '../calendar/shop-calendar.js';
import { SECOND_OF_CLASS, themeAt } from '../catalogue/associations.js';
import { WEIGHED_LOG_SD } from '../catalogue/department-facts.js';
import { BASKET_BETWEEN, type Customer, hourAt } from '../customers/customers.js';
import type { Repertoire } from '../customers/repertoire.js';
import { normalCdf, pick, poisson } from '../distributions.js';
import { type WeeklyPrices, weeklyPrices } from '../prices/weekly-prices.js';
import type { World } from '../world.js';
import { linesAt, MISSIONS, missionAt, quantityAt, sensitivityOf, sizeOf, typeOf } from './basket-facts.js';

/** A basket's attributes; its lines follow one another in {@link WeekRows}. */
export interface Basket {
  /** Position of the customer; -1 is anonymous. */
  readonly customer: number;
  readonly store: number;
  /** Days since 1970-01-01. */
  readonly day: number;
  readonly hour: number;
  readonly size: string;
  readonly sensitivity: string;
  readonly type: string;
  readonly mission: string;
}

/** All rows of one week, in the order of their making. */
export interface WeekRows {
  readonly week: ShopWeek;
  readonly baskets: readonly Basket[];
  /** Basket of each row, [rows]. */
  readonly basketOf: Uint32Array;
  readonly productOf: Uint16Array;
  readonly quantity: Uint16Array;
  readonly pence: Uint32Array;
}

/** Anonymous baskets for each basket of a known customer: one in five of all. */
const ANONYMOUS_RATIO = 0.258;
/** Expected baskets of a week of an average customer, for the number of anonymous ones. */
const MEAN_VISITS = 0.66;

/** Length of anonymous baskets on the normal scale, and their later hours. */
const ANONYMOUS_BASKET_SHIFT = -0.05;
const ANONYMOUS_HOUR_SHIFT = 0.15;

/** Basket length moves with the mean of ln(lines) that the customers' shifts leave. */
const BASKET_WITHIN = Math.sqrt(1 - BASKET_BETWEEN ** 2);

/** Draws before a basket gives up looking for another product; small assortments run out. */
const MOST_ATTEMPTS = 40;

/** A customer with the products that he or she is used to. */
export interface Shopper {
  readonly customer: Customer;
  readonly repertoire: Repertoire;
}

interface WeekState {
  readonly world: World;
  readonly week: ShopWeek;
  readonly prices: WeeklyPrices;
  /** Running sums of what a stranger buys, for each mission and theme (the last theme is none). */
  readonly everyone: (mission: number, theme: number) => Float64Array;
}

interface RowSink {
  readonly baskets: Basket[];
  readonly basketOf: number[];
  readonly productOf: number[];
  readonly quantity: number[];
  readonly pence: number[];
}

/**
 * Everything bought in a week. Each customer's week depends on the seed, the customer and the week alone, so weeks
 * can be made in any order and by any number of threads.
 */
export function weekBaskets(world: World, shoppers: readonly Shopper[], week: ShopWeek): WeekRows {
  const { parameters, catalogue, elasticities } = world;
  const prices = weeklyPrices(parameters.seed, catalogue, elasticities, parameters.profile, week);
  const state: WeekState = { world, week, prices, everyone: everyoneSums(world, prices) };
  const sink: RowSink = { baskets: [], basketOf: [], productOf: [], quantity: [], pence: [] };
  const used = new Uint32Array(catalogue.products);
  const usedClass = new Uint32Array(catalogue.classes);
  for (const { customer, repertoire } of shoppers) {
    const random = keyedStream(parameters.seed, 'week', customer.index, week.index);
    if (week.index >= customer.firstWeek && week.index <= customer.lastWeek) {
      const visits = poisson(random, customer.visitsPerWeek * week.volume);
      for (let visit = 0; visit < visits; visit++)
        addBasket(state, sink, random, customer, repertoire, used, usedClass);
    }
    const strangers = poisson(random, ANONYMOUS_RATIO * MEAN_VISITS * week.volume);
    for (let stranger = 0; stranger < strangers; stranger++) {
      addBasket(state, sink, random, undefined, undefined, used, usedClass);
    }
  }
  return {
    week,
    baskets: sink.baskets,
    basketOf: Uint32Array.from(sink.basketOf),
    productOf: Uint16Array.from(sink.productOf),
    quantity: Uint16Array.from(sink.quantity),
    pence: Uint32Array.from(sink.pence),
  };
}

function everyoneSums(
  world: World,
  { demand }: WeeklyPrices,
): (mission: number, theme: number) => Float64Array {
  const { catalogue, associations } = world;
  const made = new Map<number, Float64Array>();
  return (mission, theme) => {
    const key = mission * (associations.themes + 1) + theme;
    const known = made.get(key);
    if (known !== undefined) return known;
    const sums = new Float64Array(catalogue.products);
    let sum = 0;
    for (let product = 0; product < sums.length; product++) {
      sum +=
        (catalogue.popularity[product] ?? 0) * (demand[product] ?? 0) * tilt(world, mission, theme, product);
      sums[product] = sum;
    }
    made.set(key, sums);
    return sums;
  };
}

/** What mission and theme make of a product's weight. */
function tilt({ catalogue, associations }: World, mission: number, theme: number, product: number): number {
  const divisions = MISSIONS[mission]?.divisions;
  const ofMission = divisions?.[catalogue.divisionOf[product] ?? 0] ?? 1;
  if (theme >= associations.themes) return ofMission;
  return (
    ofMission * (associations.classWeight[theme * catalogue.classes + (catalogue.classOf[product] ?? 0)] ?? 1)
  );
}

function addBasket(
  state: WeekState,
  sink: RowSink,
  random: RandomStream,
  customer: Customer | undefined,
  repertoire: Repertoire | undefined,
  used: Uint32Array,
  usedClass: Uint32Array,
): void {
  const { world, week, prices } = state;
  const { associations, catalogue, stores } = world;
  const day = week.monday + random.below(7);
  const hour = hourAt(customer?.hourShift ?? ANONYMOUS_HOUR_SHIFT, random.normal());
  const store =
    customer === undefined
      ? pick(stores.attraction, random.uniform())
      : (customer.stores[pick(customer.storeShare, random.uniform())] ?? 0);
  const shift =
    customer === undefined ? ANONYMOUS_BASKET_SHIFT + BASKET_BETWEEN * random.normal() : customer.basketShift;
  const length = shift + BASKET_WITHIN * random.normal();
  const lines = linesAt(normalCdf(length));
  const size = sizeOf(lines, random.uniform());
  const mission = missionAt(size, random.uniform());
  const theme = themeAt(associations, length, random.uniform());

  const everyone = state.everyone(mission, theme);
  const own = repertoire === undefined ? undefined : ownSums(state, repertoire, mission, theme);
  const basket = sink.baskets.length;
  const mark = basket + 1;
  let found = 0;
  let tiers = 0;
  for (let line = 0; line < lines; line++) {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const product = pickProduct(random, repertoire, own, everyone);
      if (used[product] === mark) continue;
      const ownClass = catalogue.classOf[product] ?? 0;
      if (usedClass[ownClass] === mark && random.uniform() >= SECOND_OF_CLASS) continue;
      used[product] = mark;
      usedClass[ownClass] = mark;
      tiers += catalogue.priceTier[product] ?? 0.5;
      found++;
      const weighed = catalogue.weighed[product] === 1;
      const price = prices.pence[product] ?? 1;
      const quantity = weighed ? 1 : quantityAt(price, random.uniform());
      sink.basketOf.push(basket);
      sink.productOf.push(product);
      sink.quantity.push(quantity);
      sink.pence.push(
        weighed
          ? Math.max(1, Math.round(price * Math.exp(WEIGHED_LOG_SD * random.normal())))
          : quantity * price,
      );
      break;
    }
  }
  const type = typeOf(size, found, random.uniform());
  sink.baskets.push({
    customer: customer?.index ?? -1,
    store,
    day,
    hour,
    size,
    sensitivity: sensitivityOf(tiers / Math.max(1, found), found, random.uniform()),
    type,
    mission: type === 'XX' ? 'XX' : (MISSIONS[mission]?.name ?? 'XX'),
  });
}

interface OwnSums {
  readonly sums: Float64Array;
  /** Share of the lines that come from the repertoire. */
  readonly share: number;
}

/** Running sums of the repertoire as this week's prices, the mission and the theme tilt it, [K]. */
function ownSums(
  { world, prices }: WeekState,
  { products, weights }: Repertoire,
  mission: number,
  theme: number,
): OwnSums {
  const sums = new Float64Array(products.length);
  let sum = 0;
  let share = 0;
  for (let index = 0; index < sums.length; index++) {
    const product = products[index] ?? 0;
    const weight = weights[index] ?? 0;
    share += weight;
    sum += weight * (prices.demand[product] ?? 0) * tilt(world, mission, theme, product);
    sums[index] = sum;
  }
  return { sums, share: sum > 0 ? share : 0 };
}

function pickProduct(
  random: RandomStream,
  repertoire: Repertoire | undefined,
  own: OwnSums | undefined,
  everyone: Float64Array,
): number {
  if (repertoire !== undefined && own !== undefined && random.uniform() < own.share) {
    return repertoire.products[pick(own.sums, random.uniform())] ?? 0;
  }
  return pick(everyone, random.uniform());
}
