import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { InputError } from '@retail-sim/errors';

/** Columns that the comparison needs, with their types. */
const COLUMN_TYPES = {
  SHOP_WEEK: 'INTEGER',
  SHOP_DATE: 'VARCHAR',
  SHOP_HOUR: 'UTINYINT',
  QUANTITY: 'INTEGER',
  SPEND: 'DOUBLE',
  PROD_CODE: 'VARCHAR',
  PROD_CODE_10: 'VARCHAR',
  PROD_CODE_20: 'VARCHAR',
  CUST_CODE: 'VARCHAR',
  BASKET_ID: 'BIGINT',
  STORE_CODE: 'VARCHAR',
} as const;

/** What a folder of transactions holds. */
export interface LoadedLines {
  readonly customers: number;
  readonly anonymousBaskets: number;
}

/**
 * Loads every transactions file of a folder into the table `name` ({@link LINE_COLUMNS}), with customers numbered
 * from 0 in the order of their codes, and lists its anonymous baskets in `NAME_anonymous`, numbered too.
 *
 * @throws InputError for a folder without files, a column that is missing or a value of the wrong type
 */
export async function loadLines(
  connection: DuckDBConnection,
  name: string,
  folder: string,
): Promise<LoadedLines> {
  const files = await transactionFiles(folder);
  const list = files.map((file) => quoted(join(folder, file))).join(', ');
  const columns = new Set(
    (
      await connection.runAndReadAll(
        `DESCRIBE SELECT * FROM read_csv([${list}], header = true, delim = ',', all_varchar = true)`,
      )
    )
      .getRows()
      .map(([column]) => String(column)),
  );
  const missing = Object.keys(COLUMN_TYPES).find((column) => !columns.has(column));
  if (missing !== undefined) {
    throw new InputError({
      what: `no column ${missing}`,
      where: { file: join(folder, files[0] ?? ''), line: 1 },
      remedy: 'name the columns as in LGSR; docs/data.md lists them',
    });
  }
  const types = Object.entries(COLUMN_TYPES).map(([column, type]) => `'${column}': '${type}'`);
  try {
    await connection.run(`
      CREATE TABLE ${name}_raw AS
      SELECT ${Object.keys(COLUMN_TYPES).join(', ')}
      FROM read_csv([${list}], header = true, delim = ',', quote = '"', types = {${types.join(', ')}})`);
  } catch (error) {
    throw unreadable(folder, error);
  }
  await connection.run(`
    CREATE TABLE ${name}_customers AS
      SELECT code, (row_number() OVER (ORDER BY code) - 1)::INTEGER AS customer
      FROM (SELECT DISTINCT CUST_CODE AS code FROM ${name}_raw WHERE coalesce(CUST_CODE, '') <> '');
    CREATE TABLE ${name}_anonymous AS
      SELECT basket, (row_number() OVER (ORDER BY basket) - 1)::INTEGER AS position
      FROM (SELECT DISTINCT BASKET_ID AS basket FROM ${name}_raw WHERE coalesce(CUST_CODE, '') = '');
    CREATE TABLE ${name} AS
      SELECT BASKET_ID AS basket, customer, strptime(SHOP_DATE, '%Y%m%d')::DATE - DATE '1970-01-01' AS day,
             SHOP_HOUR AS hour, SHOP_WEEK AS week, PROD_CODE AS product, PROD_CODE_10 AS class,
             PROD_CODE_20 AS department, STORE_CODE AS store, QUANTITY AS quantity, SPEND AS spend
      FROM ${name}_raw LEFT JOIN ${name}_customers ON code = CUST_CODE;
    DROP TABLE ${name}_raw;`);
  const [counts] = (
    await connection.runAndReadAll(`
      SELECT (SELECT count(*) FROM ${name}_customers)::INTEGER, (SELECT count(*) FROM ${name}_anonymous)::INTEGER`)
  ).getRows();
  return { customers: Number(counts?.[0] ?? 0), anonymousBaskets: Number(counts?.[1] ?? 0) };
}

async function transactionFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new InputError({
      what: 'no such folder',
      where: { file: folder },
      remedy: 'name a folder with transactions_*.csv files',
      cause,
    });
  });
  const files = names.filter((file) => /^transactions.*\.csv(\.gz)?$/.test(file)).sort();
  if (files.length > 0) return files;
  throw new InputError({
    what: 'no transactions_*.csv in this folder',
    where: { file: folder },
    remedy: 'name a folder with transactions_*.csv files; pnpm retail-sample-data makes some',
  });
}

/** The engine names file, line and column in its message; they are taken from there. */
function unreadable(folder: string, cause: unknown): InputError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const line = /Line: (\d+)/.exec(message)?.[1];
  const column = /converting column "(\w+)"/.exec(message)?.[1];
  const value = /Could not convert string "(.*?)" to/.exec(message)?.[1];
  const file = /file = (.+)/.exec(message)?.[1] ?? /file "(.+?)"/.exec(message)?.[1] ?? folder;
  return new InputError({
    what:
      value === undefined ? (message.split('\n')[0] ?? 'not a CSV of LGSR') : `'${value}' is not a number`,
    where: {
      file,
      ...(line === undefined ? {} : { line: Number(line) }),
      ...(column === undefined ? {} : { column }),
    },
    remedy: 'mend the line; pnpm retail-data-pipeline lists all faulty lines',
    cause,
  });
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
