// The base of the comparison: DuckDB reads every column of the raw files in DIR, with the types that the pipeline asks
// for, and does nothing with it but count.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';

const [folder = '', threads = '2'] = process.argv.slice(2);
// The engine is a dependency of the package, not of the benchmarks.
const require = createRequire(resolve('packages/data-pipeline/package.json'));
const { DuckDBInstance } = require('@duckdb/node-api');

const NUMBERS = ['SHOP_WEEK', 'SHOP_DATE', 'SHOP_WEEKDAY', 'SHOP_HOUR', 'QUANTITY', 'SPEND', 'BASKET_ID'];
const quote = (text: string) => `'${text.replaceAll("'", "''")}'`;
const files = readdirSync(folder)
  .filter((name) => /^transactions.*\.csv(\.gz)?$/.test(name))
  .map((name) => join(folder, name));
const [first = ''] = files;
const bytes = readFileSync(first);
const text = (first.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
const columns = text
  .slice(0, text.indexOf('\n'))
  .replaceAll(/["\r]/g, '')
  .split(',')
  .map((name) => `${quote(name)}: ${NUMBERS.includes(name.toUpperCase()) ? "'DOUBLE'" : "'VARCHAR'"}`);
const instance = await DuckDBInstance.create(':memory:', { threads });
const connection = await instance.connect();
const reader = await connection.runAndReadAll(
  `SELECT count(COLUMNS(*)) FROM read_csv([${files.map(quote).join(', ')}], auto_detect = false, header = true,
     delim = ',', quote = '"', escape = '"', columns = {${columns.join(', ')}})`,
);
process.stdout.write(`${String(reader.getRows()[0]?.[0])} rows\n`);
