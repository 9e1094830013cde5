import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readWholeTable } from '@retail-sim/artifacts';
import { beforeAll, describe, expect, it } from 'vitest';
import { priceTruth, productTruth, repertoireTruth } from './schemas/index.js';

const bin = new URL('../bin/retail-sample-data.js', import.meta.url).pathname;
const run = promisify(execFile);

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sample-data-'));
});

async function generate(name: string, ...flags: string[]): Promise<string> {
  const out = join(root, name);
  const small = ['--customers', '60', '--weeks', '10', '--products', '600', '--stores', '30', '--seed', '7'];
  await run(process.execPath, [bin, ...small, '--out', out, '--quiet', ...flags]);
  return out;
}

async function contents(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => /\.(csv|parquet)$/.test(name));
  const read = names
    .sort()
    .map(async (name) => [name, await readFile(join(folder, name), 'latin1')] as const);
  return new Map(await Promise.all(read));
}

describe('retail-sample-data', () => {
  it('writes the same bytes for one seed with one thread and with two, and other bytes for another seed', async () => {
    const one = await contents(await generate('one', '--threads', '1'));
    expect(one.size).toBe(9 + 1 + 5);
    expect(await contents(await generate('two', '--threads', '2'))).toEqual(one);
    const other = await contents(await generate('other', '--seed', '8'));
    expect(other.get('transactions_200607.csv')).not.toBe(one.get('transactions_200607.csv'));
  });

  it('writes rows with the 22 columns of LGSR, sorted by store', async () => {
    const folder = await generate('columns', '--segment-columns', 'long');
    const [header, ...rows] = (await readFile(join(folder, 'transactions_200609.csv'), 'utf8'))
      .trim()
      .split('\n');
    expect(header?.split(',')).toHaveLength(22);
    expect(header?.split(',').slice(12, 14)).toEqual(['CUST_PRICE_SENSITIVITY', 'CUST_LIFESTAGE']);
    const stores = rows.map((row) => row.split(',')[19] ?? '');
    expect(stores).toEqual([...stores].sort());
    expect(new Set(rows.map((row) => row.split(',').length))).toEqual(new Set([22]));
    expect(rows.every((row) => row.startsWith('200609,200604'))).toBe(true);
  });

  it('tells the truth that it was drawn from', async () => {
    const folder = await generate('truth', '--profile', 'promo');
    const products = await readWholeTable(join(folder, productTruth.file), productTruth);
    expect(products.rows).toBe(600);
    const popularity = products.columns.popularity.reduce((sum, share) => sum + share, 0);
    expect(popularity).toBeCloseTo(1, 9);
    expect(Math.max(...products.columns.own_elasticity)).toBeLessThan(0);
    const prices = await readWholeTable(join(folder, priceTruth.file), priceTruth);
    expect(prices.rows).toBe(600 * 9);
    expect(prices.columns.promoted.some((promoted) => promoted === 1)).toBe(true);
    const repertoires = await readWholeTable(join(folder, repertoireTruth.file), repertoireTruth);
    expect(new Set(repertoires.columns.customer_code.codes).size).toBe(60);
  });

  it('replaces its own files, and never those of somebody else', async () => {
    const folder = await generate('again');
    await generate('again', '--seed', '9');
    await writeFile(join(folder, 'transactions_200801.csv'), 'real\n');
    const refused = await generate('again').catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/transactions_200801.csv is there, and this command did not make it/),
    });
    expect(await readFile(join(folder, 'transactions_200801.csv'), 'utf8')).toBe('real\n');
  });
});
