import { rename, rm } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Calendar } from '../calendar/read-calendar.js';
import { copyParquet } from '../engine/copy-table.js';
import { literal, literals, parquet } from '../engine/sql.js';
import { readNumber, readNumbers, streamNumbers } from '../engine/typed-chunk.js';
import { baskets, transactions } from '../schemas/transactions.js';
import { LABELLED } from './build-dictionaries.js';
import { NUMBER_RULES, type RuleContext } from './row-rules.js';

/** Columns that only a bad row leaves without a value. */
const REQUIRED = [
  'basket_id',
  'week',
  'week_idx',
  'shop_date',
  'shop_weekday',
  'shop_hour',
  'product',
  'store',
  'quantity',
  'spend_pence',
];

/** Column of transactions.parquet that holds a number of the raw files. */
const WRITTEN_AS: Readonly<Record<string, string>> = {
  SHOP_WEEKDAY: 'shop_weekday',
  SHOP_HOUR: 'shop_hour',
  QUANTITY: 'quantity',
  SPEND: 'spend_pence',
  BASKET_ID: 'basket_id',
};

/** The lines of a visit are adjacent in this order; two visits can share a number only in broken data. */
const VISIT = 'week_idx, shop_date, shop_hour, basket_id, store, customer';
/** The order of the lines. */
const ORDER = `${VISIT}, product`;
/** Makes the order total where a visit holds a product twice. */
const TIES = `quantity, spend_pence, ${LABELLED.map(({ column }) => column).join(', ')}, shop_weekday`;

/** The calendar and the days that exist, as tables of the engine. */
export async function loadCalendar(connection: DuckDBConnection, calendar: Calendar): Promise<void> {
  const weeks = calendar.map(
    ({ week, weekIdx, dateFrom, dateTo }) =>
      `(${week}, ${weekIdx}, ${dateFrom ?? 'NULL'}, ${dateTo ?? 'NULL'})`,
  );
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE calendar (week INTEGER, week_idx SMALLINT, date_from INTEGER, date_to INTEGER)`,
  );
  if (weeks.length > 0) await connection.run(`INSERT INTO calendar VALUES ${weeks.join(', ')}`);
  await connection.run(`CREATE OR REPLACE TEMP TABLE days AS
    SELECT strftime(day, '%Y%m%d')::DOUBLE AS written, day::DATE AS day
    FROM range(DATE '1900-01-01', DATE '2200-01-01', INTERVAL 1 DAY) AS r(day)`);
}

/**
 * Reads the files a second time and writes them as codes, sorted by visit and product; `settleTies` completes the
 * order. A number that breaks a rule becomes null, or lies outside its range; the number of both is returned, and the
 * file is only fit to publish when it is 0.
 */
export async function writeTransactions(
  connection: DuckDBConnection,
  path: string,
  scan: string,
  context: RuleContext,
  sortRows = Number.POSITIVE_INFINITY,
): Promise<{ readonly rows: number; readonly badValues: number }> {
  const good = (name: string, value: string) => {
    const each = NUMBER_RULES.find(({ column }) => column === name)?.each;
    return each === undefined ? value : `CASE WHEN ${each(name, context)} THEN ${value} END`;
  };
  const source = context.compat ? `(SELECT *, row_number() OVER () - 1 AS input_row FROM ${scan})` : scan;
  const query = `SELECT *${context.compat ? '' : ', NULL AS input_row'} FROM (SELECT
      ${good('BASKET_ID', 'BASKET_ID::BIGINT')} AS basket_id,
      ${good('SHOP_WEEK', 'calendar.week')} AS week, calendar.week_idx AS week_idx,
      days.day AS shop_date,
      ${good('SHOP_WEEKDAY', 'SHOP_WEEKDAY::UTINYINT')} AS shop_weekday,
      ${good('SHOP_HOUR', 'SHOP_HOUR::UTINYINT')} AS shop_hour,
      products.code AS product, stores.code AS store, customers.code AS customer,
      ${good('QUANTITY', 'QUANTITY::INTEGER')} AS quantity,
      ${good('SPEND', 'round(SPEND * 100)::BIGINT')} AS spend_pence,
      ${LABELLED.map(({ column }) => `label_sets.${column}_code AS ${column}`).join(', ')}
      ${context.compat ? ', input_row' : ''}
    FROM ${source} AS line
    LEFT JOIN calendar ON calendar.week = line.SHOP_WEEK
    LEFT JOIN days ON days.written = line.SHOP_DATE
    LEFT JOIN products ON products.product_id = line.PROD_CODE
    LEFT JOIN stores ON stores.store_id = line.STORE_CODE
    LEFT JOIN customers ON customers.customer_id = line.CUST_CODE
    LEFT JOIN label_sets ON ${LABELLED.map(({ raw }) => `label_sets.${raw} IS NOT DISTINCT FROM line.${raw}`).join(' AND ')})`;
  const rows = await copySorted(connection, path, query, sortRows);
  const badValues = await readNumber(
    connection,
    `SELECT coalesce(sum(stats_null_count), 0) FROM parquet_metadata(${literal(path)})
     WHERE path_in_schema IN (${REQUIRED.map(literal).join(', ')})`,
  );
  return { rows, badValues: badValues + (await valuesOutOfRange(connection, path, context)) };
}

/** How many columns hold a number that is too small or too large. */
function valuesOutOfRange(connection: DuckDBConnection, path: string, context: RuleContext): Promise<number> {
  const outside = NUMBER_RULES.flatMap(({ column: raw, range }) => {
    const column = WRITTEN_AS[raw];
    if (range === undefined || column === undefined) return [];
    const [lowest, highest] = range(context);
    return `coalesce(min(${column}) < ${lowest} OR max(${column}) > ${highest}, false)::INTEGER`;
  });
  return readNumber(connection, `SELECT ${outside.join(' + ')} FROM ${parquet(path)}`);
}

/**
 * Writes the lines in order. More than `sortRows` of them go to disk as they come, then week by week through the sort,
 * so that memory holds a few weeks at a time.
 */
async function copySorted(
  connection: DuckDBConnection,
  path: string,
  query: string,
  sortRows: number,
): Promise<number> {
  const total = await readNumber(connection, 'SELECT coalesce(sum(lines), 0) FROM products');
  if (total <= sortRows) {
    return copyParquet(connection, path, transactions, `SELECT * FROM (${query}) ORDER BY ${ORDER}`);
  }
  const unsorted = `${path}.unsorted`;
  await copyParquet(connection, unsorted, transactions, query);
  const rows = await sortByWeeks(connection, unsorted, path, ORDER, sortRows);
  await rm(unsorted);
  return rows;
}

/** Sorts a file of lines into another, as many weeks at a time as hold `sortRows` lines. */
async function sortByWeeks(
  connection: DuckDBConnection,
  from: string,
  to: string,
  order: string,
  sortRows: number,
): Promise<number> {
  const parts: string[] = [];
  for (const [first, last] of await weekRanges(connection, from, sortRows)) {
    const weeks = first === null ? 'week_idx IS NULL' : `week_idx BETWEEN ${first} AND ${last ?? first}`;
    const part = `${to}.${parts.length}`;
    await copyParquet(
      connection,
      part,
      transactions,
      `SELECT * FROM ${parquet(from)} WHERE ${weeks} ORDER BY ${order}`,
    );
    parts.push(part);
  }
  const whole = parts.length === 0 ? parquet(from) : `read_parquet(${literals(parts)})`;
  const rows = await copyParquet(connection, to, transactions, `SELECT * FROM ${whole}`);
  for (const part of parts) await rm(part);
  return rows;
}

/** Neighbouring weeks of at most `rows` lines together; one week at least. Lines without a week come last. */
async function weekRanges(
  connection: DuckDBConnection,
  lines: string,
  rows: number,
): Promise<(readonly [first: number | null, last: number | null])[]> {
  const [weeks, counts] = await readNumbers(
    connection,
    `SELECT coalesce(week_idx, -1), count(*)::DOUBLE FROM ${parquet(lines)} GROUP BY week_idx
     ORDER BY week_idx NULLS LAST`,
  );
  const ranges: [number | null, number | null][] = [];
  let size = 0;
  weeks?.forEach((week, index) => {
    const count = counts?.[index] ?? 0;
    const range = ranges.at(-1);
    if (week < 0) ranges.push([null, null]);
    else if (range === undefined || size + count > rows) {
      ranges.push([week, week]);
      size = count;
    } else {
      range[1] = week;
      size += count;
    }
  });
  return ranges;
}

/**
 * Sorts the lines once more where a visit holds a product twice, so that the order of the input decides nothing. A
 * longer key costs time and memory, and real receipts list a product once.
 */
export async function settleTies(
  connection: DuckDBConnection,
  lines: string,
  basketFile: string,
  { compat, sortRows }: { readonly compat: boolean; readonly sortRows: number },
): Promise<void> {
  const repeated = await readNumber(
    connection,
    `SELECT count(*) FROM ${parquet(basketFile)} WHERE lines <> products`,
  );
  if (repeated === 0) return;
  const sorted = `${lines}.sorted`;
  const order = `${ORDER}, ${TIES}${compat ? ', input_row' : ''}`;
  await sortByWeeks(connection, lines, sorted, order, sortRows);
  await rename(sorted, lines);
}

/** One row a visit, from the sorted lines. Of attributes that differ within a visit the smallest code is taken. */
export async function writeBaskets(
  connection: DuckDBConnection,
  path: string,
  lines: string,
): Promise<number> {
  // Counting distinct values is most of the work, and receipts list a product once.
  const products = (await mayRepeatProducts(connection, lines)) ? 'count(DISTINCT product)' : 'count(*)';
  return copyParquet(
    connection,
    path,
    baskets,
    `SELECT *, coalesce(sum(lines) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS first_line FROM (
       SELECT basket_id, any_value(week) AS week, week_idx, shop_date, min(shop_weekday) AS shop_weekday, shop_hour, store, customer,
         ${LABELLED.map(({ column }) => `min(${column}) AS ${column}`).join(', ')},
         count(*) AS lines, ${products} AS products, sum(quantity) AS quantity, sum(spend_pence) AS spend_pence
       FROM ${parquet(lines)} GROUP BY ${VISIT} ORDER BY ${VISIT})`,
  );
}

/** False where no visit holds a product twice: such lines would be neighbours. */
async function mayRepeatProducts(connection: DuckDBConnection, lines: string): Promise<boolean> {
  let basket = Number.NaN;
  let product = -1;
  const sql = `SELECT basket_id::DOUBLE, product FROM ${parquet(lines)}`;
  for await (const { rows, columns } of streamNumbers(connection, sql)) {
    const [basketOf, productOf] = columns;
    for (let row = 0; row < rows; row += 1) {
      if (basketOf?.[row] === basket && productOf?.[row] === product) return true;
      basket = basketOf?.[row] ?? 0;
      product = productOf?.[row] ?? 0;
    }
  }
  return false;
}
