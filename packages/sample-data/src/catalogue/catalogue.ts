import { keyedStream, type RandomStream, shuffledOrder } from '@retail-sim/random';
import { gamma } from '../distributions.js';
import {
  DEPARTMENTS,
  type DepartmentFacts,
  LINE_PRICES,
  LOG_PRICE_SD,
  RANK_EXPONENTS,
  TOP_WEIGHTS,
} from './department-facts.js';

/** The assortment; every array has one entry a product. */
export interface Catalogue {
  readonly products: number;
  /** PRD0900001 and so on; gaps as in the real codes. */
  readonly productCodes: readonly string[];
  /** Position of the product's PROD_CODE_10 (250 in LGSR), PROD_CODE_20, PROD_CODE_30 and PROD_CODE_40. */
  readonly classOf: Uint16Array;
  readonly departmentOf: Uint16Array;
  readonly groupOf: Uint16Array;
  readonly divisionOf: Uint16Array;
  readonly classes: number;
  readonly departments: number;
  readonly groups: number;
  /** Share of all lines at base prices; sums to 1. */
  readonly popularity: Float64Array;
  /** Base price in pence. */
  readonly basePence: Uint32Array;
  /** 1 where the product is sold by weight. */
  readonly weighed: Uint8Array;
  /** Place of the price among the products of its class, 0 cheapest to 1 dearest. */
  readonly priceTier: Float64Array;
  /** Fiscal week of the product's season, and how strongly it follows it (0: no season). */
  readonly seasonPeak: Uint8Array;
  readonly seasonStrength: Float64Array;
  /** Week index of the first sale; most products are there from the start. */
  readonly firstWeek: Uint16Array;
}

/** Correlation of popularity and price: the best sellers are a little cheaper. */
const POPULARITY_PRICE_CORRELATION = -0.16;

/** Share of the classes that have a season, and of the products that are launched later. */
const SEASONAL_CLASSES = 0.15;
const LAUNCHED_SHARE = 0.1;

/** How far the order of classes by size is disturbed (sd of the logarithm). */
const ORDER_NOISE = 0.6;

/** Share of the classes in which all products stand closely together in popularity. */
const CLASS_SPREAD = 0.6;

/** Popularity of rank 1, 2, ... for `products` products, falling as in LGSR; sums to 1. */
export function rankPopularity(products: number): Float64Array {
  const stretch = 4997 / products;
  const weights = new Float64Array(products);
  let sum = 0;
  for (let rank = 0; rank < products; rank++) {
    weights[rank] = rankWeight(1 + rank * stretch);
    sum += weights[rank] ?? 0;
  }
  return weights.map((weight) => weight / sum);
}

function rankWeight(rank: number): number {
  const top = TOP_WEIGHTS[Math.round(rank) - 1];
  if (top !== undefined) return top;
  let weight = 1;
  let from: number = TOP_WEIGHTS.length;
  for (const { upTo, exponent } of RANK_EXPONENTS) {
    const to = Math.min(rank, upTo);
    if (to > from) weight *= (to / from) ** -exponent;
    from = upTo;
  }
  return weight;
}

/** Draws an assortment of `products` products. */
export function buildCatalogue(seed: number, products: number, weeks: number): Catalogue {
  const division = spread(
    products,
    DEPARTMENTS.map((facts) => facts.products),
  );
  const hierarchy = buildHierarchy(seed, division);
  const popularity = drawPopularity(seed, division);
  const bag = rankOrder(popularity)[1] ?? 0;
  const basePence = drawPrices(seed, division, hierarchy.classOf, popularity, bag);
  return {
    products,
    productCodes: Array.from(
      { length: products },
      (_, product) => `PRD${String(900001 + product).padStart(7, '0')}`,
    ),
    ...hierarchy,
    divisionOf: division,
    popularity,
    basePence,
    weighed: drawWeighed(seed, division, bag),
    priceTier: tiersWithinClass(basePence, hierarchy.classOf, hierarchy.classes),
    ...drawSeasons(seed, hierarchy.classOf, hierarchy.classes),
    firstWeek: drawLaunches(seed, products, weeks),
  };
}

/** Splits `total` things over `shares`; everyone who has a share gets at least one where there are enough. */
export function spread(total: number, shares: readonly number[]): Uint16Array {
  const sum = shares.reduce((all, share) => all + share, 0);
  const result = new Uint16Array(total);
  let done = 0;
  let before = 0;
  for (const [index, share] of shares.entries()) {
    before += share;
    const left = shares.length - 1 - index;
    const to = Math.min(total - left, Math.max(done + 1, Math.round((total * before) / sum)));
    for (; done < to; done++) result[done] = index;
  }
  for (; done < total; done++) result[done] = shares.length - 1;
  return result;
}

function buildHierarchy(
  seed: number,
  division: Uint16Array,
): Pick<Catalogue, 'classOf' | 'departmentOf' | 'groupOf' | 'classes' | 'departments' | 'groups'> {
  const classOf = new Uint16Array(division.length);
  const departmentOf = new Uint16Array(division.length);
  const groupOf = new Uint16Array(division.length);
  let classes = 0;
  let departments = 0;
  let groups = 0;
  for (const [index, facts] of DEPARTMENTS.entries()) {
    const first = division.indexOf(index);
    if (first < 0) continue;
    const own = division.filter((value) => value === index).length;
    const counts = limited(facts, own);
    const random = keyedStream(seed, 'hierarchy', index);
    // Sizes of classes differ widely: a few large ones, many small ones.
    const classSizes = Array.from({ length: counts.classes }, () => 0.05 + gamma(random, 0.9));
    // Large classes stand side by side, so that departments differ as widely as classes do.
    const classOfOwn = spread(own, sortedRoughly(random, classSizes));
    const sizes = (length: number): readonly number[] =>
      Array.from({ length }, () => 0.15 + gamma(random, 1.2));
    const departmentOfClass = spread(counts.classes, sizes(counts.departments));
    const groupOfDepartment = spread(counts.departments, sizes(counts.groups));
    const order = shuffledOrder(random, own);
    for (let position = 0; position < own; position++) {
      const product = first + (order[position] ?? 0);
      const ownClass = classOfOwn[position] ?? 0;
      const ownDepartment = departmentOfClass[ownClass] ?? 0;
      classOf[product] = classes + ownClass;
      departmentOf[product] = departments + ownDepartment;
      groupOf[product] = groups + (groupOfDepartment[ownDepartment] ?? 0);
    }
    classes += counts.classes;
    departments += counts.departments;
    groups += counts.groups;
  }
  return { classOf, departmentOf, groupOf, classes, departments, groups };
}

/** Sizes in falling order, but for a few that stand out of line. */
function sortedRoughly(random: RandomStream, sizes: readonly number[]): readonly number[] {
  const keys = sizes.map((size) => size * Math.exp(ORDER_NOISE * random.normal()));
  return [...sizes.keys()]
    .sort((left, right) => (keys[right] ?? 0) - (keys[left] ?? 0))
    .map((index) => sizes[index] ?? 0);
}

/** Small assortments have fewer classes, never more than products. */
function limited(
  facts: DepartmentFacts,
  products: number,
): Pick<DepartmentFacts, 'groups' | 'departments' | 'classes'> {
  const share = Math.min(1, Math.sqrt(products / facts.products));
  const classes = Math.max(1, Math.min(products, Math.round(facts.classes * share)));
  const departments = Math.max(1, Math.min(classes, Math.round(facts.departments * share)));
  return { classes, departments, groups: Math.min(departments, facts.groups) };
}

/** Ranks are dealt at random; then each division is scaled to its share of the rows. */
function drawPopularity(seed: number, division: Uint16Array): Float64Array {
  const byRank = rankPopularity(division.length);
  const ranks = shuffledOrder(keyedStream(seed, 'popularity'), division.length);
  const popularity = Float64Array.from(ranks, (rank) => byRank[rank] ?? 0);
  const shares = new Float64Array(DEPARTMENTS.length);
  for (const [product, index] of division.entries()) {
    shares[index] = (shares[index] ?? 0) + (popularity[product] ?? 0);
  }
  let sum = 0;
  for (const [product, index] of division.entries()) {
    const scale = (DEPARTMENTS[index]?.rows ?? 0) / (shares[index] ?? 1);
    popularity[product] = (popularity[product] ?? 0) * scale;
    sum += popularity[product] ?? 0;
  }
  return popularity.map((share) => share / sum);
}

/**
 * Prices in pence. Products are put in order from cheap to dear by department, class, popularity and chance; the
 * place in that order, weighted by popularity, gives the price, so that the prices of lines are spread as in LGSR.
 */
function drawPrices(
  seed: number,
  division: Uint16Array,
  classOf: Uint16Array,
  popularity: Float64Array,
  bag: number,
): Uint32Array {
  const logs = popularity.map(Math.log);
  const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
  const sd = Math.sqrt(logs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / logs.length) || 1;
  const own = Math.sqrt(1 - POPULARITY_PRICE_CORRELATION ** 2);
  const dearness = Float64Array.from(division, (index, product) => {
    const ofClass = keyedStream(seed, 'class-price', classOf[product] ?? 0).normal();
    const ofProduct = keyedStream(seed, 'price', product).normal();
    const noise = CLASS_SPREAD * ofClass + Math.sqrt(1 - CLASS_SPREAD ** 2) * ofProduct;
    const popular = ((logs[product] ?? 0) - mean) / sd;
    const shift = Math.log(DEPARTMENTS[index]?.price ?? 1) / LOG_PRICE_SD;
    return shift + POPULARITY_PRICE_CORRELATION * popular + own * noise;
  });
  const order = Uint32Array.from(dearness.keys())
    .filter((product) => product !== bag)
    .sort((left, right) => (dearness[left] ?? 0) - (dearness[right] ?? 0) || left - right);
  const total = order.reduce((sum, product) => sum + (popularity[product] ?? 0), 0);
  // The carrier bag: one of the most bought products, at a penny.
  const pence = new Uint32Array(division.length).fill(1);
  let below = 0;
  for (const product of order) {
    const share = popularity[product] ?? 0;
    pence[product] = Math.max(1, Math.round(100 * linePriceAt((below + share / 2) / total)));
    below += share;
  }
  return pence;
}

/** Price at a place between 0 and 1 among the lines of all baskets. */
function linePriceAt(place: number): number {
  const above = LINE_PRICES.findIndex(({ at }) => at > place);
  const to = LINE_PRICES[above];
  const from = LINE_PRICES[above - 1];
  if (from === undefined || to === undefined) return LINE_PRICES.at(-1)?.price ?? 1;
  return from.price * (to.price / from.price) ** ((place - from.at) / (to.at - from.at));
}

function drawWeighed(seed: number, division: Uint16Array, bag: number): Uint8Array {
  return Uint8Array.from(division, (index, product) =>
    product !== bag && keyedStream(seed, 'weighed', product).uniform() < (DEPARTMENTS[index]?.weighed ?? 0)
      ? 1
      : 0,
  );
}

function tiersWithinClass(basePence: Uint32Array, classOf: Uint16Array, classes: number): Float64Array {
  const members: number[][] = Array.from({ length: classes }, () => []);
  for (const [product, index] of classOf.entries()) members[index]?.push(product);
  const tiers = new Float64Array(basePence.length);
  for (const products of members) {
    products.sort((left, right) => (basePence[left] ?? 0) - (basePence[right] ?? 0) || left - right);
    for (const [position, product] of products.entries()) tiers[product] = (position + 0.5) / products.length;
  }
  return tiers;
}

function drawSeasons(
  seed: number,
  classOf: Uint16Array,
  classes: number,
): Pick<Catalogue, 'seasonPeak' | 'seasonStrength'> {
  const seasons = Array.from({ length: classes }, (_, index) => {
    const random = keyedStream(seed, 'season', index);
    const seasonal = random.uniform() < SEASONAL_CLASSES;
    // Half of the seasons lead up to Christmas (fiscal week 43), the others are spread over the year.
    const peak = random.uniform() < 0.5 ? 41 + random.below(3) : 1 + random.below(52);
    return { peak, strength: seasonal ? 0.5 + 1.5 * random.uniform() : 0 };
  });
  return {
    seasonPeak: Uint8Array.from(classOf, (index) => seasons[index]?.peak ?? 1),
    seasonStrength: Float64Array.from(classOf, (index) => seasons[index]?.strength ?? 0),
  };
}

function drawLaunches(seed: number, products: number, weeks: number): Uint16Array {
  return Uint16Array.from({ length: products }, (_, product) => {
    const random = keyedStream(seed, 'launch', product);
    return random.uniform() < LAUNCHED_SHARE ? random.below(Math.max(1, Math.floor(0.9 * weeks))) : 0;
  });
}

/** Products from the most to the least popular. */
export function rankOrder(popularity: Float64Array): Uint32Array {
  return Uint32Array.from(popularity.keys()).sort(
    (left, right) => (popularity[right] ?? 0) - (popularity[left] ?? 0) || left - right,
  );
}
