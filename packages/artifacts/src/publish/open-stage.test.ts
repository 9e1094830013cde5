import { appendFile, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@retail-sim/errors';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fingerprintInputs } from '../manifest/inputs.js';
import { readManifest } from '../manifest/manifest.js';
import { verifyUpstream } from '../manifest/verify-upstream.js';
import { column, defineTable } from '../schema/index.js';
import { readWholeTable } from '../table/read-table.js';
import { batchFromRows } from '../table/rows.js';
import { openStage, type StageRecord } from './open-stage.js';

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'stage-'));
  folder = join(root, 'data', 'processed');
});
afterEach(() => rm(root, { recursive: true }));

const command = 'retail-data-pipeline';
const prices = defineTable({
  name: 'prices',
  file: 'prices.parquet',
  madeBy: command,
  version: 1,
  description: 'Prices.',
  columns: { price: column.float64({ description: 'Price', unit: 'GBP' }) },
});
const pricesOf = (...values: number[]) => [
  batchFromRows(
    prices,
    values.map((price) => ({ price })),
  ),
];

const record: StageRecord = {
  mode: 'corrected',
  parameters: {},
  seed: 7,
  fitThroughWeek: 202_040,
  split: '80/10/10',
  inputs: [],
  upstream: [],
  rejects: null,
  counts: {},
};

async function runStage(price: number, changes: Partial<StageRecord> = {}) {
  await using stage = await openStage(folder, command);
  await stage.table(prices, pricesOf(price));
  await stage.file('notes/about.txt', (temporary) => writeFile(temporary, `price ${price}`));
  return stage.commit({ ...record, ...changes });
}

async function refusal(run: Promise<unknown>): Promise<string> {
  const error = await run.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof InputError)) throw new Error(`not refused: ${String(error)}`);
  return `${error.message} | ${error.remedy}`.replaceAll(root, '');
}

test('a committed stage has its files, a manifest and nothing else', async () => {
  const manifest = await runStage(1);
  expect((await readdir(folder)).sort()).toEqual(['manifest.json', 'notes', 'prices.parquet']);
  expect(Object.keys(manifest.outputs)).toEqual(['notes/about.txt', 'prices.parquet']);
  expect(manifest.outputs['prices.parquet']).toMatchObject({ table: 'prices', schemaVersion: 1, rows: 1 });
  const upstream = await verifyUpstream(folder, { command, tables: [prices], files: ['notes/about.txt'] });
  expect((await readWholeTable(upstream.path(prices), prices)).columns.price).toEqual(new Float64Array([1]));
});

test('files of a run that was killed while it published are its own, and go when the next run makes others', async () => {
  await runStage(1);
  const output = (await readManifest(folder, command)).outputs['prices.parquet'];
  // As a kill between the renames and the manifest leaves it: a journal, a file of the run, no manifest.
  await rename(join(folder, 'prices.parquet'), join(folder, 'old.parquet'));
  await writeFile(
    join(folder, '.publishing.json'),
    JSON.stringify({ command, outputs: [['old.parquet', output]] }),
  );
  await rm(join(folder, 'manifest.json'));
  await writeFile(join(folder, 'mine.txt'), 'not of this command');
  {
    await using stage = await openStage(folder, command);
    expect(stage.own.has('old.parquet')).toBe(true);
    expect(stage.own.has('mine.txt')).toBe(false);
  }
  await runStage(2);
  expect((await readdir(folder)).sort()).toEqual(['manifest.json', 'mine.txt', 'notes', 'prices.parquet']);
});

test('a stage that fails before its commit leaves the earlier run as it was', async () => {
  await runStage(1);
  const before = await readFile(join(folder, 'manifest.json'), 'utf8');
  await expect(async () => {
    await using stage = await openStage(folder, command);
    const { path } = await stage.table(prices, pricesOf(2));
    expect((await readWholeTable(path, prices)).columns.price).toEqual(new Float64Array([2]));
    throw new Error('the second step fails');
  }).rejects.toThrow('the second step fails');
  expect(await readFile(join(folder, 'manifest.json'), 'utf8')).toBe(before);
  expect((await readdir(folder)).sort()).toEqual(['manifest.json', 'notes', 'prices.parquet']);
  expect((await readWholeTable(join(folder, prices.file), prices)).columns.price[0]).toBe(1);
});

test('outputs of the last run are kept when the stage says so, else removed', async () => {
  await runStage(1);
  {
    await using stage = await openStage(folder, command);
    expect(await stage.keep(prices.file)).toBe(true);
    expect(await stage.keep('never-made.parquet')).toBe(false);
    await stage.commit(record);
  }
  expect((await readdir(folder)).sort()).toEqual(['manifest.json', 'notes', 'prices.parquet']);
  expect(await readdir(join(folder, 'notes'))).toEqual([]);
  await verifyUpstream(folder, { command, tables: [prices] });
  await writeFile(join(folder, prices.file), 'edited');
  await using stage = await openStage(folder, command);
  expect(await stage.keep(prices.file)).toBe(false);
});

test('a second run in the same folder stops and names the first', async () => {
  await using first = await openStage(folder, command);
  expect(await refusal(openStage(folder, command))).toMatch(
    /^\/data\/processed: retail-data-pipeline \(process \d+ on \S+, since \S+\) is writing here \| wait for it/,
  );
  expect(first.previous).toBeUndefined();
});

test('the lock of a process that is gone is taken over, its temporary files go', async () => {
  await runStage(1);
  const gone = { command, process: 2 ** 30, host: (await import('node:os')).hostname(), since: 'then' };
  await writeFile(join(folder, '.lock'), JSON.stringify(gone));
  await writeFile(join(folder, `.prices.parquet.${2 ** 30}-0123abcd.tmp`), 'half');
  await runStage(2);
  expect((await readdir(folder)).sort()).toEqual(['manifest.json', 'notes', 'prices.parquet']);
});

test('the lock of another host is respected', async () => {
  await runStage(1);
  const other = { command, process: 1, host: 'elsewhere', since: 'then' };
  await writeFile(join(folder, '.lock'), JSON.stringify(other));
  expect(await refusal(runStage(2))).toContain('(process 1 on elsewhere, since then) is writing here');
});

test('what is missing, damaged or of another schema is refused with the command that makes it', async () => {
  const need = () => verifyUpstream(folder, { command, tables: [prices] });
  expect(await refusal(need())).toBe(
    '/data/processed/manifest.json: does not exist: retail-data-pipeline has not run here, or was interrupted | run retail-data-pipeline',
  );
  await runStage(1);
  expect(await refusal(verifyUpstream(folder, { command, tables: [{ ...prices, version: 2 }] }))).toBe(
    '/data/processed/prices.parquet: holds prices version 1; this release reads prices version 2 | run retail-data-pipeline again',
  );
  expect(await refusal(verifyUpstream(folder, { command, files: ['split.json'] }))).toBe(
    '/data/processed/manifest.json: lists no split.json, which is needed | run retail-data-pipeline again',
  );
  await appendFile(join(folder, prices.file), 'x');
  expect(await refusal(need())).toMatch(/prices.parquet: has \d+ bytes, the manifest says \d+: another run/);
  await rm(join(folder, prices.file));
  expect(await refusal(need())).toContain('prices.parquet: is listed in the manifest but missing');
  await writeFile(join(folder, 'manifest.json'), '{"manifestVersion": 2}');
  expect(await refusal(need())).toContain('manifest.json: is not a manifest of this release');
});

test('a file of equal size with other bytes is found by its hash', async () => {
  await runStage(1);
  await writeFile(join(folder, 'notes', 'about.txt'), 'price 9');
  expect(await refusal(verifyUpstream(folder, { command }))).toContain(
    'about.txt: is not the file that the manifest lists',
  );
});

test('a copied folder, with new modification times, is as good as the first', async () => {
  await runStage(1);
  await utimes(join(folder, prices.file), new Date(0), new Date(0));
  await verifyUpstream(folder, { command, tables: [prices] });
});

test('another mode, split or cut-off than asked for is refused with the flags that help', async () => {
  await runStage(1);
  const need = (choice: object) => refusal(verifyUpstream(folder, { command, ...choice }));
  expect(await need({ mode: 'reference' })).toContain('run retail-data-pipeline in mode reference again');
  expect(await need({ split: 'none' })).toBe(
    '/data/processed/manifest.json: was made with --split 80/10/10, this command was given none | run retail-data-pipeline --split none again, or leave --split out here',
  );
  expect(await need({ fitThroughWeek: 202_001 })).toContain('was made with --fit-through-week 202040');
  await verifyUpstream(folder, { command, mode: 'corrected', split: '80/10/10', fitThroughWeek: 202_040 });
});

test('a changed input or a remade upstream makes a stage out of date, through any number of stages', async () => {
  const raw = join(root, 'week.csv');
  await writeFile(raw, 'a,b\n');
  await runStage(1, { inputs: await fingerprintInputs(folder, [raw]) });
  const features = join(root, 'data', 'features');
  const runFeatures = async () => {
    const upstream = await verifyUpstream(folder, { command, tables: [prices] });
    await using stage = await openStage(features, 'retail-feature-engineering');
    await stage.commit({ ...record, upstream: [upstream.link(features)] });
  };
  const needFeatures = () => verifyUpstream(features, { command: 'retail-feature-engineering' });
  await runFeatures();
  await needFeatures();

  // Made again with the same result: nothing is out of date.
  await runStage(1, { inputs: await fingerprintInputs(folder, [raw]) });
  await needFeatures();

  await runStage(2, { inputs: await fingerprintInputs(folder, [raw]) });
  expect(await refusal(needFeatures())).toBe(
    '/data/features/manifest.json: is out of date: /data/processed has been made again since | run retail-feature-engineering again',
  );
  await runFeatures();
  await needFeatures();

  await writeFile(raw, 'a,c\n');
  expect(await refusal(needFeatures())).toBe(
    '/data/features/manifest.json: is out of date: /data/processed/manifest.json is out of date: /week.csv has changed since | run retail-data-pipeline, then retail-feature-engineering again',
  );
  await rm(raw);
  await needFeatures();
});
