/** One property of transactions that is compared: a list of numbers that a query takes from the lines of a sample. */
export interface Facet {
  readonly name: string;
  /** What one value is. */
  readonly of: string;
  /** Query of one column; `lines` has the columns of {@link LINE_COLUMNS}. */
  readonly sql: (lines: string) => string;
}

/** Columns of a table of lines; `customer` is null where the basket is anonymous. */
export const LINE_COLUMNS = [
  'basket',
  'customer',
  'day',
  'hour',
  'week',
  'product',
  'class',
  'department',
  'store',
  'quantity',
  'spend',
] as const;

/** A pair of categories counts where chance alone would put this many baskets together: below, lift is noise. */
const LEAST_EXPECTED_BASKETS = 10;

/** P(a and b) / (P(a) P(b)) over baskets for every pair of categories that is expected often enough. */
const liftOf =
  (category: string) =>
  (lines: string): string =>
    `
  WITH present AS (SELECT DISTINCT basket, ${category} AS category FROM ${lines}),
       baskets AS (SELECT count(DISTINCT basket) AS n FROM ${lines}),
       single AS (SELECT category, count(*) AS n FROM present GROUP BY category),
       both_of AS (
         SELECT a.category AS one, b.category AS other, count(*) AS n
         FROM present a JOIN present b ON a.basket = b.basket AND a.category < b.category
         GROUP BY one, other
       )
  SELECT coalesce(both_of.n, 0) * baskets.n / (one.n::DOUBLE * other.n)
  FROM single one
  JOIN single other ON one.category < other.category
  CROSS JOIN baskets
  LEFT JOIN both_of ON both_of.one = one.category AND both_of.other = other.category
  WHERE one.n::DOUBLE * other.n / baskets.n >= ${LEAST_EXPECTED_BASKETS}`;

export const FACETS: readonly Facet[] = [
  {
    name: 'lines per basket',
    of: 'basket',
    sql: (lines) => `SELECT count(*) FROM ${lines} GROUP BY basket`,
  },
  {
    name: 'spend per basket',
    of: 'basket',
    sql: (lines) => `SELECT sum(spend) FROM ${lines} GROUP BY basket`,
  },
  {
    name: 'inter-purchase days',
    of: 'pair of consecutive baskets of a customer',
    sql: (lines) => `
      WITH visits AS (
        SELECT customer, basket, min(day) AS day FROM ${lines} WHERE customer IS NOT NULL GROUP BY customer, basket
      ), gaps AS (
        SELECT day - lag(day) OVER (PARTITION BY customer ORDER BY day, basket) AS gap FROM visits
      )
      SELECT gap FROM gaps WHERE gap IS NOT NULL`,
  },
  {
    name: 'baskets per customer-week',
    of: 'customer and week with a visit',
    sql: (lines) =>
      `SELECT count(DISTINCT basket) FROM ${lines} WHERE customer IS NOT NULL GROUP BY customer, week`,
  },
  {
    name: 'items per customer-week',
    of: 'customer and week with a visit',
    sql: (lines) => `SELECT sum(quantity) FROM ${lines} WHERE customer IS NOT NULL GROUP BY customer, week`,
  },
  {
    name: 'unit price',
    of: 'line',
    sql: (lines) => `SELECT spend / quantity FROM ${lines}`,
  },
  {
    name: 'product share',
    of: 'product: share of the lines, 1 is average',
    sql: (lines) => `
      WITH sold AS (SELECT count(*) AS n FROM ${lines} GROUP BY product)
      SELECT n / avg(n) OVER () FROM sold`,
  },
  { name: 'category lift (PROD_CODE_20)', of: 'pair of categories', sql: liftOf('department') },
  { name: 'category lift (PROD_CODE_10)', of: 'pair of categories', sql: liftOf('class') },
  {
    name: 'stores per customer',
    of: 'customer',
    sql: (lines) => `SELECT count(DISTINCT store) FROM ${lines} WHERE customer IS NOT NULL GROUP BY customer`,
  },
  {
    name: 'repeated lines',
    of: 'customer: share of the lines bought before',
    sql: (lines) => `
      SELECT 1 - count(DISTINCT product) / count(*) FROM ${lines} WHERE customer IS NOT NULL GROUP BY customer`,
  },
  { name: 'hour', of: 'basket', sql: (lines) => `SELECT min(hour) FROM ${lines} GROUP BY basket` },
  {
    name: 'weekday',
    of: 'basket',
    sql: (lines) => `SELECT isodow(DATE '1970-01-01' + min(day)::INTEGER) FROM ${lines} GROUP BY basket`,
  },
];
