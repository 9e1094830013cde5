// Data that leave something out: each gives correct, finite tables or one clear message.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodePrice } from './price-encoding/index.js';
import {
  customerEmbeddings,
  customerStates,
  priceFeatures,
  productEmbeddings,
  pseudoBrands,
  storeFeatures,
} from './schemas/index.js';
import { type RawWorld, rawWorld } from './testing/raw-world.js';
import {
  type AnyRow,
  readRows,
  runFeatures,
  runPipeline,
  temporaryFolder,
  writeRaw,
} from './testing/run-stages.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let processed: string;
let features: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  processed = join(folder.path, 'processed');
  features = join(folder.path, 'features');
});
afterEach(() => folder[Symbol.asyncDispose]());

const TABLES = [
  pseudoBrands,
  priceFeatures,
  productEmbeddings,
  customerStates,
  customerEmbeddings,
  storeFeatures,
];

/** Runs both stages on a world; every number that comes out is finite. */
async function featuresOf({ lines, calendar }: RawWorld): Promise<Record<string, readonly AnyRow[]>> {
  const raw = await writeRaw(folder.path, lines, calendar);
  await runPipeline({ input: [raw], processed, split: '80/10/10', graph: { minCopurchaseCount: 2 } });
  await runFeatures({ processed, features });
  const found: Record<string, readonly AnyRow[]> = {};
  for (const table of TABLES) {
    const rows = await readRows(features, table);
    for (const [place, row] of rows.entries()) {
      for (const [column, value] of Object.entries(row)) {
        const numbers = Array.isArray(value) ? value : typeof value === 'number' ? [value] : [];
        const wrong = numbers.findIndex((number) => !Number.isFinite(number));
        if (wrong >= 0) expect.fail(`${table.name}, row ${place}, ${column}[${wrong}]: ${numbers[wrong]}`);
      }
    }
    found[table.name] = rows;
  }
  return found;
}

test('an ordinary world gives every table, one row a key', async () => {
  const found = await featuresOf(rawWorld());
  expect(found[pseudoBrands.name]?.length).toBe(60);
  expect(found[storeFeatures.name]?.length).toBe(8);
  const keys = (found[customerStates.name] ?? []).map((row) => `${row['customer_id']} ${row['week_idx']}`);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.length).toBeGreaterThan(100);
  for (const row of found[customerStates.name] ?? []) {
    const vector = row['embedding'] as readonly number[];
    expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  }
  // The one price function: what is stored is what anybody gets from the four prices beside it.
  for (const row of found[priceFeatures.name] ?? []) {
    const [actual, base, category, prior] = [
      'actual_price',
      'base_price',
      'category_price',
      'prior_price',
    ].map((name) => Number(row[name])) as [number, number, number, number];
    const encoded = Float32Array.from(encodePrice({ actual, base, category, prior }));
    expect(row['encoding']).toEqual(Array.from(encoded));
  }
});

test('no row at all gives empty tables', async () => {
  const found = await featuresOf({ lines: [], calendar: rawWorld({ baskets: 1 }).calendar });
  for (const rows of Object.values(found)) expect(rows).toEqual([]);
});

test('one product', async () => {
  const found = await featuresOf(rawWorld({ products: 1, baskets: 80, weeks: 6 }));
  expect(found[pseudoBrands.name]).toMatchObject([{ price_tier: 'mid', brand_size: 1 }]);
  expect(found[productEmbeddings.name]?.length).toBe(1);
});

test('one customer', async () => {
  const found = await featuresOf(rawWorld({ customers: 1, anonymous: 0, baskets: 60, weeks: 6 }));
  expect(new Set(found[customerStates.name]?.map((row) => row['customer_id'])).size).toBe(1);
  expect(found[customerEmbeddings.name]?.length).toBe(1);
});

test('no known customer', async () => {
  const found = await featuresOf(rawWorld({ anonymous: 1.1, baskets: 60, weeks: 6 }));
  expect(found[customerStates.name]).toEqual([]);
  expect(found[customerEmbeddings.name]).toEqual([]);
  for (const row of found[storeFeatures.name] ?? []) expect(row['unique_customers']).toBe(0);
});

test('one week: no state but the one behind it, no category average, no earlier price', async () => {
  const found = await featuresOf(rawWorld({ weeks: 1, baskets: 120 }));
  expect(new Set(found[customerStates.name]?.map((row) => row['week_idx']))).toEqual(new Set([2]));
  for (const row of found[priceFeatures.name] ?? []) {
    expect(row['category_source']).toBe('own');
    expect(row['prior_source']).toBe('own');
    expect(row['prior_price']).toBe(row['actual_price']);
  }
});

test('one store: what cannot be compared is 0.5', async () => {
  const found = await featuresOf(rawWorld({ stores: 1, baskets: 150, weeks: 6 }));
  expect(found[storeFeatures.name]).toMatchObject([
    { baskets_per_week_norm: 0.5, customers_per_week_norm: 0.5, avg_spend_norm: 0.5, tenure_weeks_norm: 0.5 },
  ]);
});

test('no promotion: none is found, and nothing else changes its meaning', async () => {
  const found = await featuresOf(rawWorld({ promotions: 0 }));
  for (const row of found[pseudoBrands.name] ?? []) {
    expect(row['promo_frequency']).toBe(0);
    expect(row['price_cv']).toBeCloseTo(0, 9);
  }
  for (const row of found[priceFeatures.name] ?? []) expect(row['discount_depth']).toBeCloseTo(0, 9);
});

test('a customer whose every label is unclassified has finite statistics', async () => {
  const { lines, calendar } = rawWorld();
  const [customer] = lines.map((line) => line.customer).filter((id) => id !== '');
  const unclassified = lines.map((line) =>
    line.customer === customer ? { ...line, type: 'XX', focus: 'XX', sensitivity: 'XX' } : line,
  );
  const found = await featuresOf({ lines: unclassified, calendar });
  const own = (found[customerStates.name] ?? []).filter((row) => row['customer_id'] === customer);
  expect(own.length).toBeGreaterThan(0);
  // Unknown share.
  for (const row of own) expect((row['statistics'] as readonly number[])[7]).toBe(1);
});

test('a product without a category and a customer without segments', async () => {
  const { lines, calendar } = rawWorld();
  const first = lines[0]?.product;
  const found = await featuresOf({
    lines: lines.map((line) => ({
      ...line,
      segments: ['', ''] as const,
      categories: line.product === first ? (['', '', '', ''] as const) : line.categories,
    })),
    calendar,
  });
  expect(found[pseudoBrands.name]?.find((row) => row['product_id'] === first)).toMatchObject({
    sub_commodity: 'UNKNOWN',
    price_tier: 'mid',
  });
});

describe('runs', () => {
  const digests = async (of: string) => {
    const manifest: { outputs: Record<string, { sha256: string }> } = JSON.parse(
      await readFile(join(of, 'manifest.json'), 'utf8'),
    );
    return Object.fromEntries(Object.entries(manifest.outputs).map(([file, { sha256 }]) => [file, sha256]));
  };

  beforeEach(async () => {
    const { lines, calendar } = rawWorld();
    const raw = await writeRaw(folder.path, lines, calendar);
    await runPipeline({ input: [raw], processed, split: '80/10/10', graph: { minCopurchaseCount: 2 } });
  });

  test('the same seed gives the same bytes, on one thread and on two; another seed does not', async () => {
    await runFeatures({ processed, features, threads: 1 });
    const two = join(folder.path, 'two');
    await runFeatures({ processed, features: two, threads: 2 });
    expect(await digests(two)).toEqual(await digests(features));
    const other = join(folder.path, 'other');
    await runFeatures({ processed, features: other, seed: 43 });
    const [changed, first] = [await digests(other), await digests(features)];
    for (const table of [customerStates, storeFeatures]) {
      expect(changed[table.file]).not.toBe(first[table.file]);
    }
    // Nothing is drawn for these.
    for (const table of [pseudoBrands, priceFeatures]) expect(changed[table.file]).toBe(first[table.file]);
  });

  test('what is up to date is kept, what depends on a change is not', async () => {
    const statuses = async (change: Parameters<typeof runFeatures>[0]) =>
      (await runFeatures(change)).layers.map(({ status }) => status);
    const base = { processed, features };
    expect(await statuses(base)).toEqual(['done', 'done', 'done', 'done', 'done']);
    expect(await statuses(base)).toEqual(['kept', 'kept', 'kept', 'kept', 'kept']);
    const cheaper = { ...base, priceScalars: true };
    expect(await statuses(cheaper)).toEqual(['kept', 'done', 'kept', 'kept', 'kept']);
    const tiers = { ...cheaper, tierLimits: { value: 0.3, premium: 0.7 } };
    expect(await statuses(tiers)).toEqual(['done', 'kept', 'done', 'done', 'kept']);
    expect(await statuses({ ...tiers, layers: [2], force: true })).toEqual([
      'kept',
      'done',
      'kept',
      'kept',
      'kept',
    ]);
  });

  test('price scalars leave the encoding out and keep the four prices', async () => {
    await runFeatures({ processed, features, layers: [2] });
    const full = await readRows(features, priceFeatures);
    await runFeatures({ processed, features, layers: [2], priceScalars: true });
    const scalars = await readRows(features, priceFeatures);
    expect(full.every((row) => row['encoding'] !== null)).toBe(true);
    expect(scalars).toEqual(full.map((row) => ({ ...row, encoding: null })));
  });

  test('a layer that needs another is refused without it, and nothing is written', async () => {
    await expect(runFeatures({ processed, features, layers: [4] })).rejects.toThrow(
      'layer 4 (customer-history) reads layer 3, which has not run for these data',
    );
    await expect(readFile(join(features, 'manifest.json'))).rejects.toThrow('ENOENT');
  });
});
