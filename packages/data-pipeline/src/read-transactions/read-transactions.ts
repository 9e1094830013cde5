import { basename, join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { InputError } from '@retail-sim/errors';
import { type Calendar, calendarWithoutFile, readCalendar } from '../calendar/read-calendar.js';
import { literal } from '../engine/sql.js';
import { readNumber, readNumbers } from '../engine/typed-chunk.js';
import { buildDictionaries } from './build-dictionaries.js';
import { writeCleanCopy } from './clean-copy.js';
import { collectRejects, type RejectCollector } from './collect-rejects.js';
import type { InputFiles } from './input-files.js';
import { MISSING, RAW_COLUMNS, UNCLEAN_TEXT } from './raw-columns.js';
import { readHeader } from './read-header.js';
import { isWeek, NUMBER_RULES, type RuleContext } from './row-rules.js';
import { type RawFile, scanFiles } from './scan-sql.js';
import { loadCalendar, writeTransactions } from './write-transactions.js';

export interface ReadOptions {
  readonly input: InputFiles;
  /** Read the first so many rows, in file order, and nothing behind them. */
  readonly nrows: number | undefined;
  readonly maxRejectRate: number;
  readonly compat: boolean;
  /** Lines that are sorted at a time. */
  readonly sortRows?: number;
  /** Folder for copies and rejects of this run. */
  readonly scratch: string;
  readonly onFile?: (file: string, filesDone: number) => void;
  readonly warn: (message: string) => void;
}

export interface ReadResult {
  /** Sorted lines as codes; the tables products, stores, customers, labels and calendar stand in the engine. */
  readonly lines: string;
  readonly accepted: number;
  readonly calendar: Calendar;
  readonly rejects: RejectCollector;
  /** Files that were read line by line, because something in them is wrong. */
  readonly readByLine: readonly string[];
}

/**
 * Reads the raw files into sorted codes. The engine's strict CSV reader takes them whole, twice: once for the
 * distinct texts, once for the rows. Where it finds anything wrong, the files at fault are read line by line instead,
 * which says what is wrong where, and the rest goes on with the good rows.
 *
 * @throws InputError for a bad header, a damaged file or too many bad rows; nothing is written then
 */
export async function readTransactions(
  connection: DuckDBConnection,
  options: ReadOptions,
): Promise<ReadResult> {
  const { input, scratch, compat, sortRows = Number.POSITIVE_INFINITY } = options;
  const given = input.calendar === null ? null : await readCalendar(input.calendar);
  const context: RuleContext = {
    weeks: given === null ? null : new Set(given.map(({ week }) => week)),
    compat,
  };
  const rejects = collectRejects(join(scratch, 'rejects.jsonl'));
  const lines = join(scratch, 'transactions.parquet');

  if (options.nrows === undefined) {
    const files: RawFile[] = [];
    for (const file of input.files) files.push({ file, header: await readHeader(file) });
    const whole = await tryRead(connection, files, { given, context, lines, sortRows });
    if (whole !== undefined) return { lines, ...whole, rejects, readByLine: [] };
  }
  const { good, readByLine, rows } = await separate(connection, input.files, {
    ...options,
    context,
    rejects,
  });
  refuseTooManyRejects(rejects, rows, options.maxRejectRate);
  const read = await tryRead(connection, good, { given, context, lines, sortRows });
  if (read === undefined)
    throw new Error('the rows that were accepted line by line cannot be read as a whole');
  return { lines, ...read, rejects, readByLine };
}

interface Reading {
  readonly given: Calendar | null;
  readonly context: RuleContext;
  readonly lines: string;
  readonly sortRows: number;
}

/** Reads all files whole; undefined where anything in them is wrong. */
async function tryRead(
  connection: DuckDBConnection,
  files: readonly RawFile[],
  { given, context, lines, sortRows }: Reading,
) {
  const scan = scanFiles(files);
  try {
    const calendar = given ?? calendarWithoutFile(await weeksIn(connection, scan));
    await loadCalendar(connection, calendar);
    if (!(await buildDictionaries(connection, scan))) return undefined;
    const { rows, badValues } = await writeTransactions(connection, lines, scan, context, sortRows);
    return badValues > 0 ? undefined : { accepted: rows, calendar };
  } catch (error) {
    if (isCsvError(error)) return undefined;
    throw error;
  }
}

async function weeksIn(connection: DuckDBConnection, scan: string): Promise<number[]> {
  const [weeks = new Float64Array(0)] = await readNumbers(
    connection,
    `SELECT DISTINCT SHOP_WEEK FROM ${scan} WHERE SHOP_WEEK BETWEEN 100001 AND 999953 ORDER BY 1`,
  );
  return [...weeks].filter((week) => Number.isInteger(week) && isWeek(week));
}

/** What a file's contents can make the engine say; memory and disk trouble is not among it. */
function isCsvError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    /CSV|Conversion Error|Invalid Input|not utf-?8|gzip|GZip|Could not convert/i.test(error.message) &&
    !/Out of Memory/i.test(error.message)
  );
}

interface Separation extends ReadOptions {
  readonly context: RuleContext;
  readonly rejects: RejectCollector;
}

/** Replaces every file that has a fault (with --nrows: every file) by a copy of its good rows. */
async function separate(connection: DuckDBConnection, files: readonly string[], options: Separation) {
  const { nrows, scratch, context, rejects, onFile } = options;
  const good: RawFile[] = [];
  const readByLine: string[] = [];
  let rows = 0;
  for (const [index, file] of files.entries()) {
    const left = (nrows ?? Number.POSITIVE_INFINITY) - rows;
    if (left <= 0) break;
    onFile?.(file, index);
    const raw: RawFile = { file, header: await readHeader(file) };
    const clean = nrows === undefined ? await cleanRows(connection, raw, context) : undefined;
    if (clean !== undefined) {
      good.push(raw);
      rows += clean;
      continue;
    }
    const copy = join(scratch, `${index}-${basename(raw.file).replace(/\.gz$/, '')}`);
    const found = await writeCleanCopy({ ...raw, context, copy, maxRows: left, reject: rejects.add });
    good.push({ file: copy, header: await readHeader(copy) });
    readByLine.push(raw.file);
    rows += found.rows;
  }
  return { good, readByLine, rows };
}

/** Rows of a file that the engine can take whole; undefined where something in it is wrong. */
async function cleanRows(
  connection: DuckDBConnection,
  raw: RawFile,
  context: RuleContext,
): Promise<number | undefined> {
  const numbers = NUMBER_RULES.map(({ column, sql }) =>
    column === 'SHOP_DATE'
      ? "coalesce(try_strptime(CASE WHEN SHOP_DATE = trunc(SHOP_DATE) AND SHOP_DATE BETWEEN 19000101 AND 21991231 THEN SHOP_DATE::INTEGER::VARCHAR END, '%Y%m%d') IS NULL, true)"
      : `NOT coalesce(${sql(column, context)}, false)`,
  );
  const texts = RAW_COLUMNS.filter(({ kind }) => kind !== 'number').map(({ name, kind }) =>
    kind === 'code'
      ? `coalesce(regexp_matches(${name}, ${literal(UNCLEAN_TEXT)}) OR ${name} IN (${MISSING.map(literal).join(', ')}), true)`
      : `coalesce(regexp_matches(${name}, ${literal(UNCLEAN_TEXT)}), false)`,
  );
  const scan = scanFiles([raw]);
  try {
    const bad = await readNumber(
      connection,
      `SELECT count(*) FROM ${scan} WHERE ${[...numbers, ...texts].join(' OR ')}`,
    );
    return bad > 0 ? undefined : await readNumber(connection, `SELECT count(*) FROM ${scan}`);
  } catch (error) {
    if (isCsvError(error)) return undefined;
    throw error;
  }
}

function refuseTooManyRejects(rejects: RejectCollector, rows: number, maxRejectRate: number): void {
  const count = rejects.count();
  const rate = rows === 0 ? 0 : count / rows;
  const [first] = rejects.examples();
  if (first === undefined || rate <= maxRejectRate) return;
  const reasons = Object.entries(rejects.byReason()).map(([reason, times]) => `${reason} ${times}`);
  const value = first.value === null ? '' : ` "${first.value.slice(0, 60)}"`;
  throw new InputError({
    what: `${count} of ${rows} rows are bad (${(100 * rate).toFixed(1)} %, ${reasons.join(', ')}); the first: ${first.reason}${value}`,
    where: { file: first.file, line: first.line, ...(first.column === null ? {} : { column: first.column }) },
    remedy: `mend the file, or allow more with --max-reject-rate ${Math.min(1, Math.ceil(rate * 100) / 100)}`,
  });
}
