import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { TableDefinition } from '@retail-sim/artifacts/schema';
import { keyedStream } from '@retail-sim/random';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GRAPH_DEFAULTS } from './product-graph/parameters.js';
import * as schemas from './schemas/index.js';
import { runQuietly, temporaryFolder } from './testing/pipeline-run.js';
import { type AnyRow, readTableRows } from './testing/read-rows.js';

/**
 * Whole runs on the fixture: what happens after the cut-off changes nothing that was fitted and no state of an earlier
 * week, and neither the order of the rows, nor how they are spread over files, nor the number of threads changes a
 * byte.
 */
const fixtures = join(import.meta.dirname, '../fixtures/sample');
const CUT = 200706;
const CUT_INDEX = 14;
const graph = { ...GRAPH_DEFAULTS, minCopurchaseCount: 4, topKComplements: 5 };

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let header: string;
let rows: readonly string[];
let base: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  const text = gunzipSync(await readFile(join(fixtures, 'transactions.csv.gz'))).toString();
  [header = '', ...rows] = text.trimEnd().split('\n');
  base = await run('base', { 'transactions.csv': rows });
});
afterAll(() => folder[Symbol.asyncDispose]());

async function run(
  name: string,
  files: Readonly<Record<string, readonly string[]>>,
  options: { readonly threads?: number; readonly memoryLimit?: number } = {},
): Promise<string> {
  const raw = join(folder.path, `${name}-raw`);
  const processed = join(folder.path, name);
  await mkdir(raw, { recursive: true });
  for (const [file, lines] of Object.entries(files))
    await writeFile(join(raw, file), [header, ...lines, ''].join('\n'));
  const calendar = join(fixtures, 'time.csv');
  await runQuietly({ input: [raw], calendar, processed, fitThroughWeek: CUT, graph, ...options });
  return processed;
}

const weekOf = (row: string) => Number(row.slice(0, 6));

/** Rows after the cut-off, changed past recognition; the others as they are. */
function withOtherFuture(seed: number): string[] {
  const random = keyedStream(seed, 'other-future');
  const ids = (column: number) => [...new Set(rows.map((row) => row.split(',')[column] ?? ''))];
  const pick = (texts: readonly string[]) => texts[random.below(texts.length)] ?? '';
  const columns = header.split(',');
  const at = (name: string) => columns.indexOf(name);
  const choices: readonly (readonly [string, readonly string[]])[] = [
    ['QUANTITY', ['1', '3', '40']],
    ['SPEND', ['0.00', '0.01', '7.77', '450.00']],
    ['PROD_CODE', [...ids(at('PROD_CODE')), 'PRD0000000', 'PRD0999999']],
    ['PROD_CODE_10', ['CL99999', '', ...ids(at('PROD_CODE_10'))]],
    ['PROD_CODE_40', ['D99999']],
    ['CUST_CODE', [...ids(at('CUST_CODE')), 'CUST9999999999', '']],
    ['STORE_CODE', [...ids(at('STORE_CODE')), 'STORE99999']],
    ['STORE_REGION', ['E04', 'W99', '']],
    ['BASKET_TYPE', ['XX', 'Emergency', 'Something New', 'Top Up']],
    ['BASKET_DOMINANT_MISSION', ['Fresh', 'General', 'XX']],
    ['BASKET_PRICE_SENSITIVITY', ['LA', 'XX']],
    ['BASKET_SIZE', ['S', 'L']],
    ['SHOP_HOUR', ['0', '23']],
  ];
  return rows.flatMap((row) => {
    if (weekOf(row) <= CUT) return [row];
    if (random.uniform() < 0.1) return [];
    const fields = row.split(',');
    for (const [name, texts] of choices) if (random.uniform() < 0.4) fields[at(name)] = pick(texts);
    const changed = fields.join(',');
    return random.uniform() < 0.1 ? [changed, changed] : [changed];
  });
}

/** A table without the columns that only number things, rows after the cut-off left out. */
async function pastOf(processed: string, table: TableDefinition, through: number): Promise<AnyRow[]> {
  const found = await readTableRows(processed, table);
  return found
    .filter((row) => typeof row['week_idx'] !== 'number' || row['week_idx'] <= through)
    .map(({ customer: _code, ...row }) => row);
}

test('another future changes nothing that was fitted and no state before it', async () => {
  const tables: readonly (readonly [TableDefinition, number])[] = [
    [schemas.pricesDerived, CUT_INDEX],
    [schemas.priceFallbacksPs, 0],
    [schemas.priceFallbacksPrw, CUT_INDEX],
    [schemas.priceFallbacksP, 0],
    [schemas.productGraphNodes, 0],
    [schemas.productGraphEdges, 0],
    [schemas.customerStoreAffinity, 0],
    [schemas.customerMissionPatterns, 0],
  ];
  const weekly = [schemas.customerStoreAffinityWeekly, schemas.customerMissionPatternsWeekly];
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 - 1 }), async (seed) => {
      const changed = await run(`future-${seed}`, { 'transactions.csv': withOtherFuture(seed) });
      for (const [table, through] of tables) {
        const expected = await pastOf(base, table, through);
        expect(await pastOf(changed, table, through), table.name).toEqual(expected);
        expect(expected.length, table.name).toBeGreaterThan(0);
      }
      // A state of week W is written where the customer shops in W: W itself is part of the past.
      for (const table of weekly) {
        expect(await pastOf(changed, table, CUT_INDEX), table.name).toEqual(
          await pastOf(base, table, CUT_INDEX),
        );
      }
      expect(await readTableRows(changed, schemas.transactions)).not.toEqual(
        await readTableRows(base, schemas.transactions),
      );
    }),
    { numRuns: 4, seed: 1 },
  );
});

test('cutting the data off at the week gives the same fitted tables as fitting through it', async () => {
  const cut = await run('cut', { 'transactions.csv': rows.filter((row) => weekOf(row) <= CUT) });
  for (const table of [
    schemas.priceFallbacksPs,
    schemas.productGraphEdges,
    schemas.customerStoreAffinity,
    schemas.customerMissionPatterns,
  ]) {
    expect(await pastOf(cut, table, 0), table.name).toEqual(await pastOf(base, table, 0));
  }
});

test('the state before a week is what a run on the weeks before it finds', async () => {
  const cut = await run('before', { 'transactions.csv': rows.filter((row) => weekOf(row) < 200702) });
  const states = await readTableRows(base, schemas.customerStoreAffinityWeekly);
  const batch = new Map(
    (await readTableRows(cut, schemas.customerStoreAffinity)).map((row) => [row['customer_id'], row]),
  );
  const before = states.filter((row) => row['week_idx'] === 10);
  expect(before.length).toBeGreaterThan(5);
  for (const { customer: _code, week_idx: _week, loyalty_shrunk: _population, ...state } of before) {
    expect(batch.get(state['customer_id'])).toMatchObject(state);
  }
});

test('the order of the rows, their files and the number of threads change no byte', async () => {
  // Lines that a basket holds twice, some of them with another quantity, are the hard part.
  const repeated = rows
    .filter((_, index) => index % 40 === 0)
    .map((row, index) =>
      row
        .split(',')
        .with(4, String(1 + (index % 2)))
        .join(','),
    );
  const all = [...rows, ...repeated];
  const first = await run('ordered', { 'transactions.csv': all });
  const random = keyedStream(3, 'row-order');
  const keyed = all.map((row) => [random.uint32(), row] as const).sort(([a], [b]) => a - b);
  const shuffled = keyed.map(([, row]) => row);
  const other = await run(
    'shuffled',
    {
      'transactions_200647.csv': shuffled.slice(0, 100),
      'transactions_200648.csv': shuffled.slice(100, 1500),
      'transactions_200649.csv': shuffled.slice(1500),
    },
    { threads: 1, memoryLimit: 3e8 },
  );
  for (const table of Object.values(schemas)) {
    if (typeof table !== 'object' || !('file' in table)) continue;
    const [left, right] = await Promise.all(
      [first, other].map((processed) => readFile(join(processed, table.file))),
    );
    expect(left?.equals(right ?? Buffer.alloc(0)), table.file).toBe(true);
  }
});
