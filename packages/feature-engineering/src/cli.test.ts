// The command as a process: what it prints, and everything that it must refuse.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { appendFile, cp, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rawWorld } from './testing/raw-world.js';
import { runPipeline, temporaryFolder, writeRaw } from './testing/run-stages.js';

const bin = join(import.meta.dirname, '../bin/retail-feature-engineering.js');

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let raw: string;
const processed = () => join(folder.path, 'processed');
const features = () => join(folder.path, 'features');

beforeAll(async () => {
  folder = await temporaryFolder();
  const { lines, calendar } = rawWorld();
  raw = await writeRaw(folder.path, lines, calendar);
  await runPipeline({ input: [raw], processed: processed(), split: '80/10/10' });
});
afterAll(() => folder[Symbol.asyncDispose]());

function run(...flags: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...flags], {
    encoding: 'utf8',
    cwd: folder.path,
  });
  return { status, stdout, stderr: stderr.replaceAll(folder.path, '') };
}
const onWorld = (...flags: string[]) =>
  run('--processed', processed(), '--features', features(), '--threads', '1', ...flags);

/** Names and contents of a folder. */
const contents = (of: string) =>
  new Map(readdirSync(of).map((name) => [name, readFileSync(join(of, name), 'base64')]));

describe('a run', () => {
  beforeAll(() => {
    const { status, stdout, stderr } = onWorld();
    expect(stderr).toContain('layer 5, store context: done');
    expect(stdout).toContain('pseudo-brands from a seeded 80 % of the stores');
    expect(stdout).toMatch(/features: split 80\/10\/10, fitted through 200616\n$/);
    expect(status).toBe(0);
  });

  test('writes the tables of the specification and a manifest, and nothing else', () => {
    expect(readdirSync(features()).sort()).toEqual([
      'customer_embeddings.parquet',
      'customer_history_embeddings.parquet',
      'hierarchy_embeddings.parquet',
      'manifest.json',
      'price_features.parquet',
      'product_embeddings.parquet',
      'pseudo_brands.parquet',
      'store_features.parquet',
    ]);
  });

  test('--json prints the layers on stdout, --quiet nothing on stderr', () => {
    const { status, stdout, stderr } = onWorld('--json', '--quiet');
    expect([status, stderr]).toEqual([0, '']);
    const { layers, fitThroughWeek } = JSON.parse(stdout);
    expect(fitThroughWeek).toBe(200616);
    expect(layers.map((layer: { status: string }) => layer.status)).toEqual(new Array(5).fill('kept'));
  });

  test('describe tells what is there, in words and as JSON', () => {
    const { status, stdout } = run('describe', '--features', features());
    expect(status).toBe(0);
    expect(stdout).toContain('layer 1: 60 products');
    expect(stdout).toContain('layer 5: 8 stores');
    const { brands, prices, customers, stores } = JSON.parse(
      run('describe', '--json', '--features', features()).stdout,
    );
    expect(brands.products).toBe(60);
    expect(prices.encoded).toBe(prices.rows);
    expect(customers.norm.mean).toBeCloseTo(1, 5);
    expect(stores.stores).toBe(8);
  });

  test.each([
    [['--split', 'none'], 'was made with --split 80/10/10, this command was given none'],
    [['--fit-through-week', '200609'], 'was made with --fit-through-week 200616'],
    [['--nrows', '500'], 'was made from all rows, this command was given --nrows 500'],
    [['--compat', 'reference'], 'was made with mode corrected, this command runs in mode reference'],
    [['--layers', '7'], '--layers'],
    [['--premium-percentile', '3'], '--premium-percentile'],
    [['--value-percentile', '0.9'], '--value-percentile 0.9 is above --premium-percentile 0.8'],
  ])('%s is refused with exit code 2, the features stay', (flags, message) => {
    const before = contents(features());
    const { status, stderr, stdout } = onWorld(...flags);
    expect(stderr).toContain(message);
    expect([status, stdout]).toEqual([2, '']);
    expect(contents(features())).toEqual(before);
  });
});

describe('what is wrong with the processed folder is said in one line, with exit code 2', () => {
  const copyOf = async (name: string) => {
    const path = join(folder.path, name);
    await rm(path, { recursive: true, force: true });
    await cp(processed(), path, { recursive: true, preserveTimestamps: true });
    return path;
  };
  const refusal = (path: string) => {
    const out = join(folder.path, 'never');
    const { status, stderr } = run('--processed', path, '--features', out, '--quiet');
    expect(status).toBe(2);
    expect(() => readFileSync(join(out, 'manifest.json'))).toThrow('ENOENT');
    return stderr;
  };

  test('it is not there', () => {
    expect(refusal(join(folder.path, 'nowhere'))).toContain(
      '/nowhere/manifest.json: does not exist: retail-data-pipeline has not run here, or was interrupted',
    );
  });

  test('a table is missing, cut off, or was made by a run without its stage', async () => {
    const path = await copyOf('damaged');
    await truncate(join(path, 'prices_derived.parquet'), 100);
    expect(refusal(path)).toContain('prices_derived.parquet: has 100 bytes');
    await rm(join(path, 'prices_derived.parquet'));
    expect(refusal(path)).toContain('prices_derived.parquet: is listed in the manifest but missing');
    const partial = join(folder.path, 'partial');
    await runPipeline({ input: [raw], processed: partial, split: '80/10/10', stages: [1, 2] });
    expect(refusal(partial)).toContain('lists no customer_store_affinity');
  });

  test('the split is not one of this release', async () => {
    const path = await copyOf('foreign-split');
    const manifest = JSON.parse(await readFile(join(path, 'manifest.json'), 'utf8'));
    await writeFile(join(path, 'split.json'), '{"version": 9}\n');
    manifest.outputs['split.json'] = {
      ...manifest.outputs['split.json'],
      bytes: 15,
      sha256: (await import('node:crypto')).createHash('sha256').update('{"version": 9}\n').digest('hex'),
    };
    await writeFile(join(path, 'manifest.json'), JSON.stringify(manifest));
    expect(refusal(path)).toContain('split.json: is not a split of this release');
  });

  test('the raw data have changed since', async () => {
    const away = join(folder.path, 'stale');
    await mkdir(away, { recursive: true });
    const { lines, calendar } = rawWorld({ seed: 2, baskets: 200 });
    const other = await writeRaw(away, lines, calendar);
    const path = join(away, 'processed');
    await runPipeline({ input: [other], processed: path, split: '80/10/10' });
    await appendFile(other, '\n');
    expect(refusal(path)).toMatch(/processed\/manifest.json: is out of date: .*transactions.csv has changed/);
  });
});
