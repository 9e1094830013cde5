import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rejects } from '../schemas/transactions.js';
import { runQuietly, temporaryFolder } from '../testing/pipeline-run.js';
import { CALENDAR, RAW_HEADER, rawFile, rawRows, withValue } from '../testing/raw-file.js';
import { readTableRows } from '../testing/read-rows.js';

/**
 * What people put into the folder of the raw data. A bad row is counted with its place, a bad file is refused by the
 * command with exit code 2, and what an earlier run has written stays as it is.
 */

const ROWS = 200;
const BAD = 99;
const good = rawRows(ROWS);
const goodRow = good[BAD] ?? '';
const command = join(import.meta.dirname, '../../bin/retail-data-pipeline.js');

/** The good file with one row replaced; the row lies on line 101. */
function withRow(row: string | Buffer): Buffer {
  const lines = [RAW_HEADER, ...good].map((line) => Buffer.from(line));
  lines[BAD + 1] = Buffer.from(row);
  return Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
}
const LINE = BAD + 2;

type Files = Readonly<Record<string, string | Buffer>>;

async function writeFolder(folder: string, files: Files): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'time.csv'), CALENDAR);
  for (const [name, contents] of Object.entries(files)) await writeFile(join(folder, name), contents);
}

describe('a bad row is left out and listed with line, column, value and reason', () => {
  const value = (column: string, text: string, reason: string, found: string | null = text) =>
    [`${column} ${JSON.stringify(text)}`, withValue(goodRow, column, text), reason, column, found] as const;
  test.each([
    ['a field too few', goodRow.split(',').slice(0, -1).join(','), 'missing_field', null, undefined],
    ['a field too many', `${goodRow},1`, 'extra_field', null, undefined],
    ['a decimal comma', withValue(goodRow, 'SPEND', '1,20'), 'extra_field', null, undefined],
    value('PROD_CODE', '', 'missing_value', null),
    value('STORE_CODE', 'NULL', 'missing_value', null),
    value('QUANTITY', '', 'missing_value', null),
    value('SPEND', 'NaN', 'missing_value', null),
    value('BASKET_ID', 'n/a', 'missing_value', null),
    value('QUANTITY', 'abc', 'bad_number'),
    value('QUANTITY', '1.5', 'bad_number'),
    value('QUANTITY', '3000000000', 'bad_number'),
    value('QUANTITY', '0', 'nonpositive_quantity'),
    value('QUANTITY', '-1', 'nonpositive_quantity'),
    value('SPEND', '-0.01', 'negative_spend'),
    value('SPEND', '1.2.3', 'bad_number'),
    value('SPEND', '£1.20', 'bad_number'),
    value('SPEND', 'inf', 'bad_number'),
    value('SPEND', '1e999', 'bad_number'),
    value('SHOP_WEEK', '209901', 'unknown_week'),
    value('SHOP_WEEK', '200600', 'unknown_week'),
    value('SHOP_DATE', '20060230', 'bad_date'),
    value('SHOP_DATE', '2006-04-10', 'bad_number'),
    value('SHOP_WEEKDAY', '8', 'out_of_range'),
    value('SHOP_HOUR', '24', 'out_of_range'),
    value('BASKET_ID', '1e20', 'bad_number'),
    value('BASKET_ID', 'B1', 'bad_number'),
    ['an open quote', withValue(goodRow, 'STORE_CODE', '"STORE00001'), 'bad_quote', null, undefined],
    ['text behind a quote', withValue(goodRow, 'STORE_CODE', '"ST"ORE'), 'bad_quote', null, undefined],
    ['a stray quote', withValue(goodRow, 'STORE_CODE', 'STO"RE'), 'bad_quote', 'STORE_CODE', 'STO"RE'],
    ['a CR LF among LF', `${goodRow}\r`, 'line_ending', null, undefined],
    ['a byte order mark', `\u{feff}${goodRow}`, 'byte_order_mark', null, undefined],
    ['a NUL', withValue(goodRow, 'PROD_CODE', 'PRD\0'), 'control_character', 'PROD_CODE', 'PRD\0'],
    [
      'a tab in a code',
      withValue(goodRow, 'PROD_CODE', 'PRD\t1'),
      'control_character',
      'PROD_CODE',
      'PRD\t1',
    ],
    ['the header again', RAW_HEADER, 'repeated_header', 'SHOP_WEEK', 'SHOP_WEEK'],
    [
      'bytes that are not UTF-8',
      Buffer.concat([
        Buffer.from(goodRow.slice(0, 60)),
        Buffer.of(0xff, 0xfe),
        Buffer.from(goodRow.slice(60)),
      ]),
      'bad_encoding',
      null,
      undefined,
    ],
    [
      'three million bytes',
      withValue(goodRow, 'PROD_CODE', 'X'.repeat(3e6)),
      'line_too_long',
      null,
      undefined,
    ],
  ] as const)('%s', async (_name, row, reason, column, found) => {
    await using folder = await temporaryFolder();
    const raw = join(folder.path, 'raw');
    const processed = join(folder.path, 'processed');
    await writeFolder(raw, { 'transactions.csv': withRow(row) });
    const { steps } = await runQuietly({ input: [raw], processed, stages: [] });
    expect(steps[0]).toMatchObject({ rows: ROWS - 1, counts: { rejected: 1 } });
    const [reject] = await readTableRows(processed, rejects);
    expect(reject).toMatchObject({ line: LINE, column, reason });
    expect(String(reject?.['file'])).toMatch(/transactions\.csv$/);
    if (found !== undefined) expect(reject?.['value']).toBe(found);
  });

  test('the end of the file is cut off', async () => {
    await using folder = await temporaryFolder();
    const raw = join(folder.path, 'raw');
    await writeFolder(raw, { 'transactions.csv': rawFile(good).slice(0, -30) });
    const { steps } = await runQuietly({ input: [raw], processed: join(folder.path, 'out'), stages: [] });
    expect(steps[0]).toMatchObject({ rows: ROWS - 1, counts: { rejected: 1 } });
  });
});

describe('what only looks unusual is read whole', () => {
  const columns = RAW_HEADER.split(',');
  const reversed = (line: string) => line.split(',').toReversed().join(',');
  const cases: readonly (readonly [string, Files])[] = [
    ['a byte order mark in front', { 'transactions.csv': `\u{feff}${rawFile(good)}` }],
    ['CR LF everywhere', { 'transactions.csv': rawFile(good).replaceAll('\n', '\r\n') }],
    ['no line break at the end', { 'transactions.csv': rawFile(good).trimEnd() }],
    ['blank lines', { 'transactions.csv': rawFile([...good.slice(0, 50), '', ...good.slice(50), '', '']) }],
    ['columns in another order', { 'transactions.csv': rawFile(good.map(reversed), reversed(RAW_HEADER)) }],
    [
      'columns that nobody asked for',
      {
        'transactions.csv': rawFile(
          good.map((line) => `x,${line},y`),
          `first,${RAW_HEADER},last`,
        ),
      },
    ],
    [
      'the long names of the segments, in lower case',
      {
        'transactions.csv': rawFile(
          good,
          RAW_HEADER.toLowerCase()
            .replace('seg_1', 'cust_price_sensitivity')
            .replace('seg_2', 'cust_lifestage'),
        ),
      },
    ],
    [
      'every field in quotes',
      {
        'transactions.csv': rawFile(
          good.map((line) =>
            line
              .split(',')
              .map((field) => `"${field}"`)
              .join(','),
          ),
        ),
      },
    ],
    ['gzip', { 'transactions.csv.gz': gzipSync(rawFile(good)) }],
    [
      'one file a week, one of them without rows',
      {
        'transactions_200607.csv': rawFile(good.filter((line) => line.startsWith('200607'))),
        'transactions_200608.csv.gz': gzipSync(rawFile(good.filter((line) => !line.startsWith('200607')))),
        'transactions_200609.csv': rawFile([]),
      },
    ],
    [
      'files with different columns',
      {
        'transactions_200607.csv': rawFile(good.slice(0, 100)),
        'transactions_200608.csv': rawFile(good.slice(100).map(reversed), reversed(RAW_HEADER)),
      },
    ],
    ['other files in the folder', { 'transactions.csv': rawFile(good), '~$lock.csv': 'x', 'notes.txt': 'y' }],
    [
      'no segments at all',
      { 'transactions.csv': rawFile(good, columns.join(',').replace('seg_1', 'a').replace('seg_2', 'b')) },
    ],
  ];
  test.each(cases)('%s', async (_name, files) => {
    await using folder = await temporaryFolder();
    const raw = join(folder.path, 'raw');
    await writeFolder(raw, files);
    const { steps } = await runQuietly({ input: [raw], processed: join(folder.path, 'out'), stages: [] });
    expect(steps[0]).toMatchObject({ rows: ROWS, counts: { rejected: 0, baskets: ROWS / 5, products: 12 } });
  });
});

describe('a bad file is refused with exit code 2, and earlier outputs stay', () => {
  const whole = rawFile(good);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let processed: string;
  let before: string;

  async function contents(): Promise<string> {
    const names = (await readdir(processed)).sort();
    const files = await Promise.all(names.map((name) => readFile(join(processed, name), 'base64')));
    return JSON.stringify([names, files]);
  }

  beforeAll(async () => {
    folder = await temporaryFolder();
    processed = join(folder.path, 'processed');
    const raw = join(folder.path, 'good');
    await writeFolder(raw, { 'transactions.csv': whole });
    await runQuietly({ input: [raw], processed, stages: [1, 2] });
    before = await contents();
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  const manyBad = good.map((row, index) => (index % 10 === 0 ? withValue(row, 'QUANTITY', '0') : row));
  const manyLabels = rawRows(1500).map((row, index) => withValue(row, 'BASKET_TYPE', `type ${index}`));
  const cases: readonly (readonly [string, Files, RegExp, readonly string[]])[] = [
    ['no such folder', {}, /does not exist/, ['--input', 'nowhere']],
    ['a folder without transactions', {}, /holds no transactions/, []],
    ['a pattern that matches nothing', {}, /matches no file/, ['--input', 'transactions_9*.csv']],
    ['an empty file', { 'transactions.csv': '' }, /is empty/, []],
    [
      'a column too few',
      { 'transactions.csv': rawFile(good, RAW_HEADER.replace('SPEND', 'SPENT')) },
      /:1: .*SPEND/,
      [],
    ],
    [
      'a column twice',
      { 'transactions.csv': rawFile(good, RAW_HEADER.replace('seg_1', 'SPEND')) },
      /SPEND twice/,
      [],
    ],
    ['semicolons', { 'transactions.csv': whole.replaceAll(',', ';') }, /the header lacks the columns/, []],
    ['UTF-16', { 'transactions.csv': Buffer.from(whole, 'utf16le') }, /the header lacks the columns/, []],
    ['line endings of CR alone', { 'transactions.csv': whole.replaceAll('\n', '\r') }, /CR alone/, []],
    [
      'a picture',
      { 'transactions.csv': Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB', 'base64') },
      /header/,
      [],
    ],
    [
      'gzip that is cut off',
      { 'transactions.csv.gz': gzipSync(whole).subarray(0, 900) },
      /transactions\.csv\.gz/,
      [],
    ],
    ['gzip by name only', { 'transactions.csv.gz': whole }, /transactions\.csv\.gz/, []],
    ['too many bad rows', { 'transactions.csv': rawFile(manyBad) }, /20 of 200 rows are bad \(10\.0 %/, []],
    [
      'whole and weekly files',
      { 'transactions.csv': whole, 'transactions_200607.csv': whole },
      /count twice/,
      [],
    ],
    [
      'plain and gzip',
      { 'transactions.csv': whole, 'transactions.csv.gz': gzipSync(whole) },
      /count twice/,
      [],
    ],
    [
      'a calendar without its columns',
      { 'transactions.csv': whole, 'time.csv': 'week\n200607\n' },
      /lacks the columns/,
      [],
    ],
    [
      'a calendar with a week twice',
      { 'transactions.csv': whole, 'time.csv': `${CALENDAR}200607,20060410,20060416\n` },
      /200607 is listed twice/,
      [],
    ],
    [
      'a calendar with a day that is none',
      { 'transactions.csv': whole, 'time.csv': CALENDAR.replace('20060410', '20060431') },
      /20060431 is not a day/,
      [],
    ],
    ['an empty calendar', { 'transactions.csv': whole, 'time.csv': '' }, /lists no week/, []],
    [
      'another calendar',
      { 'transactions.csv': whole, 'time.csv': CALENDAR.replaceAll('2006', '1999') },
      /unknown_week/,
      [],
    ],
    ['more labels than a basket can have', { 'transactions.csv': rawFile(manyLabels) }, /BASKET_TYPE/, []],
    [
      'a cut-off before the data',
      { 'transactions.csv': whole },
      /before the first week/,
      ['--fit-through-week', '200501'],
    ],
    [
      'a memory limit without a unit',
      { 'transactions.csv': whole },
      /memory-limit/,
      ['--memory-limit', '12'],
    ],
    ['a stage that does not exist', { 'transactions.csv': whole }, /stages/, ['--stages', '5']],
  ];
  test.each(cases)('%s', async (name, files, message, flags) => {
    const raw = join(folder.path, name.replaceAll(' ', '-'));
    await writeFolder(raw, files);
    const [first, path] = flags;
    const given = first === '--input' ? ['--input', join(raw, path ?? '')] : ['--raw', raw, ...flags];
    const { status, stderr, stdout } = spawnSync(
      process.execPath,
      [command, ...given, '--processed', processed, '--threads', '1'],
      { encoding: 'utf8', cwd: folder.path },
    );
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stdout).toBe('');
    expect(status).toBe(2);
    expect(await contents()).toBe(before);
  });
});

test('--nrows reads the first rows and never meets what is wrong behind them', async () => {
  await using folder = await temporaryFolder();
  const raw = join(folder.path, 'raw');
  const broken = [...good.slice(0, 150), 'not a row at all', ...good.slice(150)];
  await writeFolder(raw, { 'transactions.csv': rawFile(broken) });
  const run = (nrows: number) =>
    runQuietly({ input: [raw], processed: join(folder.path, 'out'), stages: [], nrows });
  expect((await run(150)).steps[0]).toMatchObject({ rows: 150, counts: { rejected: 0 } });
  expect((await run(151)).steps[0]).toMatchObject({ rows: 150, counts: { rejected: 1 } });
});
