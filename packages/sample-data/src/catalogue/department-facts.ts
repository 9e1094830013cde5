/*
 * Shape of the LGSR assortment, measured on its full public sample (aggregates only): products and rows per
 * department, share of goods sold by weight, price bands, popularity by rank.
 */

export interface DepartmentFacts {
  readonly code: string;
  /** Share of the products. */
  readonly products: number;
  /** Share of the rows. */
  readonly rows: number;
  /** Share of the products that are sold by weight, so that every line has a price of its own. */
  readonly weighed: number;
  /** Median price relative to that of all products. */
  readonly price: number;
  /** Numbers of PROD_CODE_30, PROD_CODE_20 and PROD_CODE_10 codes. */
  readonly groups: number;
  readonly departments: number;
  readonly classes: number;
}

export const DEPARTMENTS: readonly DepartmentFacts[] = [
  {
    code: 'D00001',
    products: 379,
    rows: 0.089,
    weighed: 0.23,
    price: 0.77,
    groups: 3,
    departments: 9,
    classes: 21,
  },
  {
    code: 'D00002',
    products: 1788,
    rows: 0.486,
    weighed: 0.11,
    price: 1.03,
    groups: 7,
    departments: 28,
    classes: 84,
  },
  {
    code: 'D00003',
    products: 1781,
    rows: 0.286,
    weighed: 0,
    price: 0.72,
    groups: 6,
    departments: 26,
    classes: 80,
  },
  {
    code: 'D00004',
    products: 131,
    rows: 0.007,
    weighed: 0,
    price: 1.06,
    groups: 3,
    departments: 5,
    classes: 12,
  },
  {
    code: 'D00005',
    products: 728,
    rows: 0.109,
    weighed: 0,
    price: 0.77,
    groups: 4,
    departments: 13,
    classes: 36,
  },
  {
    code: 'D00006',
    products: 6,
    rows: 0.002,
    weighed: 0,
    price: 3.43,
    groups: 1,
    departments: 1,
    classes: 2,
  },
  {
    code: 'D00007',
    products: 1,
    rows: 0.0002,
    weighed: 0,
    price: 7.87,
    groups: 1,
    departments: 1,
    classes: 1,
  },
  {
    code: 'D00008',
    products: 162,
    rows: 0.017,
    weighed: 0,
    price: 3.82,
    groups: 4,
    departments: 5,
    classes: 11,
  },
  {
    code: 'D00009',
    products: 21,
    rows: 0.004,
    weighed: 0,
    price: 0.35,
    groups: 2,
    departments: 2,
    classes: 3,
  },
];

/** Spread of ln(median product price). */
export const LOG_PRICE_SD = 0.824;

/** Prices at places of the distribution of all lines, the carrier bag left out; in between the logarithm is linear. */
export const LINE_PRICES: readonly { readonly at: number; readonly price: number }[] = [
  { at: 0, price: 0.02 },
  { at: 0.005, price: 0.1 },
  { at: 0.035, price: 0.25 },
  { at: 0.1, price: 0.36 },
  { at: 0.25, price: 0.66 },
  { at: 0.5, price: 1.06 },
  { at: 0.75, price: 1.68 },
  { at: 0.9, price: 2.5 },
  { at: 0.95, price: 3.55 },
  { at: 0.99, price: 7.5 },
  { at: 1, price: 30 },
];

/** Spread of the price of a weighed product between its lines (sd of the logarithm). */
export const WEIGHED_LOG_SD = 0.4;

/** Weights of the ten most bought products relative to the tenth: four stand out, as in LGSR. */
export const TOP_WEIGHTS = [6.2, 4.4, 4.2, 3.8, 2.1, 1.7, 1.25, 1.2, 1.2, 1] as const;

/** From there popularity falls with rank as a broken power law: exponent up to each rank, for 4,997 products. */
export const RANK_EXPONENTS = [
  { upTo: 1000, exponent: 0.63 },
  { upTo: 5000, exponent: 0.85 },
] as const;
