import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Manifest } from '@retail-sim/artifacts';
import { copyParquet } from '../engine/copy-table.js';
import { parquet } from '../engine/sql.js';
import { readNumber, readNumbers, readRows } from '../engine/typed-chunk.js';
import { readTransactions } from '../read-transactions/read-transactions.js';
import { settleTies, writeBaskets } from '../read-transactions/write-transactions.js';
import { type StepContext, type StepResult, writeSplit } from '../run-data-pipeline.js';
import { SPLIT_FILE, type Split, splitSchema } from '../schemas/split.js';
import {
  baskets,
  calendar,
  customers,
  labels,
  products,
  rejects,
  stores,
  transactions,
} from '../schemas/transactions.js';
import { type DataWeek, decideSplit } from '../split/decide-split.js';

/** What reading writes: the raw data as codes, once, so that nothing after it reads CSV. */
export const INGEST_TABLES = [
  transactions,
  baskets,
  products,
  stores,
  customers,
  labels,
  calendar,
  rejects,
] as const;

/** Of the memory limit, for each line that is sorted at a time: the row, its key and room to move. */
const SORT_BYTES = 300;

export interface Ingested extends StepResult {
  readonly split: Split;
  readonly rejects: { readonly rows: number; readonly file: string | null };
  /** The raw files that were read; with --nrows not all of those given. */
  readonly filesRead: readonly string[];
}

/** Reads the raw files, writes them as codes and decides the split. */
export async function ingest(context: Omit<StepContext, 'split'>): Promise<Ingested> {
  const { options, engine, stage, input, progress, warn } = context;
  const { connection, scratch } = engine;
  const sortRows = Math.round(options.memoryLimit / SORT_BYTES);
  const task = progress.task('reading', input.files.length, 'files');
  const read = await readTransactions(connection, {
    input,
    nrows: options.nrows,
    maxRejectRate: options.maxRejectRate,
    compat: options.compat,
    scratch,
    sortRows,
    warn,
    onFile: (_, done) => task.update(done),
  });
  task.done();
  if (input.calendar === null) {
    warn(
      'no time.csv: weeks are numbered as years of 52 weeks, 53 where the data has one; name the calendar with --calendar',
    );
  }
  if (read.accepted === 0) warn('no row was accepted: the tables are empty');
  if (read.rejects.count() > 0) {
    warn(`${read.rejects.count()} rows were rejected, see ${join(options.processed, rejects.file)}`);
  }
  // The stages below read these two; they move to their place when the step is published.
  await stage.file(baskets.file, (temporary) => writeBaskets(connection, temporary, read.lines), {
    table: baskets,
  });
  await settleTies(connection, read.lines, context.path(baskets), { compat: options.compat, sortRows });
  await stage.file(
    transactions.file,
    (temporary) => rename(read.lines, temporary).then(() => read.accepted),
    { table: transactions },
  );
  const lines = context.path(transactions);
  for (const table of [products, stores, customers] as const) {
    await stage.file(
      table.file,
      (temporary) =>
        copyParquet(connection, temporary, table, `SELECT * EXCLUDE (code) FROM ${table.name} ORDER BY code`),
      { table },
    );
  }
  await stage.file(
    labels.file,
    (temporary) =>
      copyParquet(connection, temporary, labels, 'SELECT * FROM labels ORDER BY attribute, code'),
    { table: labels },
  );
  await stage.file(
    calendar.file,
    (temporary) => copyParquet(connection, temporary, calendar, calendarRows(lines)),
    { table: calendar },
  );
  await stage.file(rejects.file, (temporary) => read.rejects.write(connection, temporary), {
    table: rejects,
  });
  const split = await splitOf(context);
  await stage.file(SPLIT_FILE, (temporary) => writeSplit(temporary, split));
  const counts = await ingestCounts(connection, lines, context.path(baskets));
  return {
    split,
    rows: read.accepted,
    counts: { ...counts, rejected: read.rejects.count() },
    rejects: { rows: read.rejects.count(), file: rejects.file },
    filesRead: options.nrows === undefined ? input.files : read.readByLine,
  };
}

function calendarRows(lines: string): string {
  const date = (column: string) => `strptime(${column}::VARCHAR, '%Y%m%d')::DATE AS ${column}`;
  return `SELECT week, week_idx, ${date('date_from')}, ${date('date_to')}, coalesce(lines, 0) AS lines
    FROM calendar LEFT JOIN (SELECT week_idx, count(*) AS lines FROM ${parquet(lines)} GROUP BY week_idx) USING (week_idx)
    ORDER BY week_idx`;
}

/** Decides the split by the baskets of each week. */
export async function splitOf(context: Omit<StepContext, 'split'>): Promise<Split> {
  const { options, engine, warn } = context;
  const basketFile = context.path(baskets);
  const [week, weekIdx, count] = await readNumbers(
    engine.connection,
    `SELECT week, week_idx, count(*)::DOUBLE FROM ${parquet(basketFile)} GROUP BY week, week_idx ORDER BY week_idx`,
  );
  const weeks: DataWeek[] = [...(week ?? [])].map((label, index) => ({
    week: label,
    weekIdx: weekIdx?.[index] ?? 0,
    baskets: count?.[index] ?? 0,
  }));
  const { rule, text } = options.split;
  const split = decideSplit(rule, text, weeks, options.fitThroughWeek);
  if (split.rule !== text && rule.kind !== 'none') {
    warn(`${weeks.length} weeks cannot be split ${text}: everything is train, as with --split none`);
  }
  return split;
}

async function ingestCounts(connection: DuckDBConnection, lines: string, basketFile: string) {
  const count = (table: string) => readNumber(connection, `SELECT count(*) FROM ${table}`);
  const ids = await readNumber(connection, `SELECT count(DISTINCT basket_id) FROM ${parquet(basketFile)}`);
  const visits = await count(parquet(basketFile));
  return {
    lines: await count(parquet(lines)),
    baskets: visits,
    basketsSharingANumber: visits - ids,
    products: await count('products'),
    stores: await count('stores'),
    customers: await count('customers'),
    weeks: await readNumber(connection, `SELECT count(DISTINCT week_idx) FROM ${parquet(basketFile)}`),
  };
}

/** The same from what the last run wrote here: fills the engine's tables and reads the split. */
export async function loadIngested(
  context: Omit<StepContext, 'split'>,
  previous: Manifest | undefined,
): Promise<Ingested> {
  await loadTables(context);
  const text = await readFile(join(context.options.processed, SPLIT_FILE), 'utf8');
  return {
    ...readCounts(previous),
    split: splitSchema.parse(JSON.parse(text)),
    rejects: previous?.rejects ?? { rows: 0, file: rejects.file },
    filesRead: context.input.files,
  };
}

/** The tables that the stages expect in the engine, from the files. */
export async function loadTables(context: Omit<StepContext, 'split'>): Promise<void> {
  const { connection } = context.engine;
  for (const table of [products, stores, customers] as const) {
    await connection.run(
      `CREATE OR REPLACE TEMP TABLE ${table.name} AS
       SELECT (row_number() OVER () - 1)::UINTEGER AS code, * FROM ${parquet(context.path(table))}`,
    );
  }
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE labels AS SELECT * FROM ${parquet(context.path(labels))}`,
  );
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE calendar AS SELECT week, week_idx FROM ${parquet(context.path(calendar))}`,
  );
}

const READ_COUNTS = [
  'lines',
  'baskets',
  'basketsSharingANumber',
  'products',
  'stores',
  'customers',
  'weeks',
  'rejected',
] as const;

/** What an earlier run counted while it read. */
export function readCounts(manifest: Manifest | undefined): StepResult {
  const counts = Object.fromEntries(READ_COUNTS.map((name) => [name, manifest?.counts[name] ?? 0]));
  return { rows: counts['lines'] ?? 0, counts };
}

/** Region of each store as a code, -1 for none, and the texts of the codes. */
export async function loadRegions(
  context: StepContext,
): Promise<{ readonly regionOfStore: Int32Array; readonly regions: readonly string[] }> {
  const rows = await readRows(context.engine.connection, 'SELECT store_region FROM stores ORDER BY code');
  const regionOf = rows.map(({ store_region: region }) => (typeof region === 'string' ? region : undefined));
  const regions = [...new Set(regionOf.filter((region) => region !== undefined))].sort();
  return {
    regions,
    regionOfStore: Int32Array.from(regionOf, (region) =>
      region === undefined ? -1 : regions.indexOf(region),
    ),
  };
}

/** YYYYWW of each week_idx, and the first and last week with data. */
export async function loadWeeks(
  context: StepContext,
): Promise<{ readonly weekOfIndex: Int32Array; readonly firstWeek: number; readonly lastWeek: number }> {
  const [week = [], weekIdx = [], lines = []] = await readNumbers(
    context.engine.connection,
    `SELECT week, week_idx, lines::DOUBLE FROM ${parquet(context.path(calendar))} ORDER BY week_idx`,
  );
  const weekOfIndex = new Int32Array(week.length + 1);
  let firstWeek = 0;
  let lastWeek = 0;
  for (let row = 0; row < week.length; row += 1) {
    const index = weekIdx[row] ?? 0;
    weekOfIndex[index] = week[row] ?? 0;
    if ((lines[row] ?? 0) === 0) continue;
    if (firstWeek === 0) firstWeek = index;
    lastWeek = index;
  }
  return { weekOfIndex, firstWeek, lastWeek };
}
