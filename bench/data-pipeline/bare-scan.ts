// The bases of the comparison: DuckDB reads every column of the raw files in DIR, with the types that the pipeline asks
// for, and counts the values (`count`) or keeps the rows in a table (`keep`); `guess` counts, too, but lets the engine
// find out the types.
//
//   node bare-scan.js DIR [THREADS] [count|keep|guess]
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';

const [folder = '', threads = '2', kind = 'count'] = process.argv.slice(2);
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
const list = `[${files.map(quote).join(', ')}]`;
const typed = `read_csv(${list}, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"',
  columns = {${columns.join(', ')}})`;
if (kind === 'keep') await connection.run(`CREATE TEMP TABLE lines AS SELECT * FROM ${typed}`);
const source = { count: typed, keep: 'lines', guess: `read_csv(${list})` }[kind];
const counted = kind === 'keep' ? 'count(*)' : 'count(COLUMNS(*))';
const reader = await connection.runAndReadAll(`SELECT ${counted} FROM ${source}`);
process.stdout.write(`${String(reader.getRows()[0]?.[0])} rows\n`);
