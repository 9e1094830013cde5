import { keyedStream, shuffledOrder } from '@retail-sim/random';
import { gamma } from '../distributions.js';
import {
  DEPARTMENTS,
  type DepartmentFacts,
  LOG_PRICE_MEAN,
  LOG_PRICE_SD,
  RANK_EXPONENTS,
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
const LAUNCHED_SHARE = 0.12;

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
  let weight = 1;
  let from = 1;
  for (const { upTo, exponent } of RANK_EXPONENTS) {
    const to = Math.min(rank, upTo);
    if (to > from) weight *= (to / from) ** -exponent;
    from = Math.max(from, upTo);
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
  const logPrice = drawLogPrices(seed, division, hierarchy.classOf, popularity);
  const basePence = Uint32Array.from(logPrice, (value) => Math.max(1, Math.round(100 * Math.exp(value))));
  // The carrier bag: one of the most bought products, at a penny.
  const bag = rankOrder(popularity)[1] ?? 0;
  basePence[bag] = 1;
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
    const classOfOwn = spread(own, classSizes);
    const departmentOfClass = spread(counts.classes, new Array<number>(counts.departments).fill(1));
    const groupOfDepartment = spread(counts.departments, new Array<number>(counts.groups).fill(1));
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

function drawLogPrices(
  seed: number,
  division: Uint16Array,
  classOf: Uint16Array,
  popularity: Float64Array,
): Float64Array {
  const logs = popularity.map(Math.log);
  const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
  const sd = Math.sqrt(logs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / logs.length) || 1;
  const own = Math.sqrt(1 - POPULARITY_PRICE_CORRELATION ** 2);
  return Float64Array.from(division, (index, product) => {
    const ofClass = keyedStream(seed, 'class-price', classOf[product] ?? 0).normal();
    const ofProduct = keyedStream(seed, 'price', product).normal();
    const noise = CLASS_SPREAD * ofClass + Math.sqrt(1 - CLASS_SPREAD ** 2) * ofProduct;
    const popular = ((logs[product] ?? 0) - mean) / sd;
    const shift = Math.log(DEPARTMENTS[index]?.price ?? 1);
    return (
      LOG_PRICE_MEAN + shift + LOG_PRICE_SD * 0.93 * (POPULARITY_PRICE_CORRELATION * popular + own * noise)
    );
  });
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
