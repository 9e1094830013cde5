// The comparison as a user runs it: real processes, real files.
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';

const bin = join(import.meta.dirname, '..', '..', 'bin', 'retail-sample-data.js');
const likeness = z.object({ ksComplement: z.number(), jensenShannon: z.number() });
const comparison = z.object({
  customers: z.number(),
  rounds: z.number(),
  facets: z.array(z.object({ facet: z.string(), synthetic: likeness, noiseFloor: likeness })),
});

let root: string;

function run(...flags: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...flags, '--quiet'], {
    encoding: 'utf8',
    cwd: root,
  });
  return { status, stdout, stderr };
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'compare-'));
  const size = ['--weeks', '20', '--products', '800', '--stores', '20'];
  expect(run(...size, '--customers', '150', '--out', 'one', '--segment-columns', 'long').status).toBe(0);
  expect(run(...size, '--customers', '70', '--seed', '7', '--gzip', '--out', 'other').status).toBe(0);
  expect(
    run('--customers', '70', '--weeks', '3', '--profile', 'promo', '--products', '20', '--out', 'tiny')
      .status,
  ).toBe(0);
});
afterAll(() => rm(root, { recursive: true, force: true }));

const compare = (real: string, synthetic: string) => {
  const { stdout, stderr } = run(
    'compare',
    '--real',
    real,
    '--synthetic',
    synthetic,
    '--rounds',
    '2',
    '--json',
  );
  expect(stderr).toBe('');
  return comparison.parse(JSON.parse(stdout));
};

it('finds data of one generator alike, and another assortment different', () => {
  const alike = compare('one', 'other');
  expect(alike.customers).toBeGreaterThan(40);
  expect(alike.facets.map(({ facet }) => facet)).toContain('category lift (PROD_CODE_20)');
  const of = (result: typeof alike, name: string) =>
    result.facets.find(({ facet }) => facet === name)?.synthetic;
  expect(of(alike, 'lines per basket')?.ksComplement).toBeGreaterThan(0.85);
  expect(of(compare('one', 'tiny'), 'product share')?.ksComplement).toBeLessThan(0.75);
});

it('gives the same answer again', () => {
  expect(compare('one', 'other')).toEqual(compare('one', 'other'));
});

it('refuses folders that are not there, are empty, lack a column or hold a faulty line', async () => {
  const refusal = (real: string) => {
    const { status, stdout, stderr } = run('compare', '--real', real, '--synthetic', 'one');
    expect(status).toBe(2);
    expect(stdout).toBe('');
    return stderr;
  };
  expect(run('compare').stderr).toBe(
    'error: no real transactions to compare with\n  name their folder with --real DIR\n',
  );
  expect(refusal('none')).toMatch(/^error: none: no such folder\n {2}.+\n$/);
  await mkdir(join(root, 'empty'));
  expect(refusal('empty')).toMatch(/^error: empty: no transactions_\*\.csv in this folder\n {2}.+\n$/);
  const text = await readFile(join(root, 'one', 'transactions_200607.csv'), 'utf8');
  await mkdir(join(root, 'column'));
  await writeFile(join(root, 'column', 'transactions_200607.csv'), text.replace('STORE_CODE', 'SHOP'));
  expect(refusal('column')).toMatch(
    /^error: column\/transactions_200607.csv:1: no column STORE_CODE\n {2}.+\n$/,
  );
  await mkdir(join(root, 'line'));
  const lines = text.split('\n');
  const faulty = lines.with(3, (lines[3] ?? '').replace(/^(\d+,\d+,\d+,\d+),\d+,/, '$1,several,'));
  await writeFile(join(root, 'line', 'transactions_200607.csv'), faulty.join('\n'));
  expect(refusal('line')).toMatch(
    /^error: line\/transactions_200607.csv:4:QUANTITY: 'several' is not a number\n {2}.+\n$/,
  );
});
