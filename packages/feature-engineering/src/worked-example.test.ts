// The worked example of the specification (section 3, 7), from raw lines through both stages, in reference mode.

import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { customerStates, priceFeatures, pseudoBrands, storeFeatures } from './schemas/index.js';
import {
  type AnyRow,
  readRows,
  runFeatures,
  runPipeline,
  temporaryFolder,
  writeRaw,
} from './testing/run-stages.js';
import { workedExample } from './testing/worked-example.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let features: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  features = join(folder.path, 'features');
  const processed = join(folder.path, 'processed');
  const { lines, calendar } = workedExample();
  const raw = await writeRaw(folder.path, lines, calendar);
  await runPipeline({
    input: [raw],
    processed,
    compat: true,
    maxRejectRate: 1,
    graph: { minCopurchaseCount: 1, liftThreshold: 1, jaccardThreshold: 0.5 },
  });
  await runFeatures({ processed, features, mode: 'reference' });
});
afterAll(() => folder[Symbol.asyncDispose]());

const near = (found: unknown, expected: number, digits = 6) =>
  expect(Number(found)).toBeCloseTo(expected, digits);

test('layer 1', async () => {
  const rows = await readRows(features, pseudoBrands);
  const expected: readonly (readonly (string | number)[])[] = [
    ['value', 'CL1_value_9ff59834', 0, 0.333333, 0.121944, 0.7, 0.812651, 1.87, 1.98, 0.053659, 0.2],
    ['mid', 'CL1_mid_18b2464c', 1, 0.666667, 0.028394, 0.3, 0.883631, 2.033333, 2.066667, 0.015873, 0],
    ['premium', 'CL1_premium_acfa3789', 2, 1, 0, 0, 1.303718, 3, 3, 0, 0],
    ['mid', 'CL2_mid_0914630f', 3, 1, 0.059726, 1, 1, 0.483333, 0.483333, 0, 0],
  ];
  const names = [
    'price_tier',
    'pseudo_brand_id',
    'pseudo_brand_idx',
    'category_price_percentile',
    'price_cv',
    'market_share_proxy',
    'relative_price',
    'mean_price',
    'base_price',
    'avg_discount',
    'promo_frequency',
  ];
  expect(rows.length).toBe(4);
  expected.forEach((values, row) => {
    values.forEach((value, column) => {
      const found = rows[row]?.[names[column] ?? ''];
      if (typeof value === 'number') near(found, value);
      else expect(found).toBe(value);
    });
  });
});

test('layer 2', async () => {
  const rows = await readRows(features, priceFeatures);
  expect(rows.length).toBe(11);
  const encoding = (product: string, store: string, week: number): readonly number[] => {
    const found = rows.find(
      (row) => row['product_id'] === product && row['store_id'] === store && row['week'] === week,
    );
    return found?.['encoding'] as readonly number[];
  };
  const first = encoding('PRD0900001', 'S1', 200701);
  const expected: Readonly<Record<number, number>> = {
    0: 0.974928,
    1: 0.222521,
    16: 0.216942,
    17: 0.950484,
    23: 0.010926,
    24: 0.405466,
    25: 0.71784,
    26: 0.312375,
    27: 0.207447,
    28: 0.6413,
    30: 0.666666,
    31: 0.384616,
    34: 0.06666,
    40: 0.79365,
    41: -2.553133,
    42: 0,
    46: -0.231111,
    47: 0.629881,
    56: -0.268293,
    57: -0.268293,
    58: 1,
    59: 0,
    61: 0,
  };
  for (const [dimension, value] of Object.entries(expected)) near(first[Number(dimension)], value, 5);
  const second = encoding('PRD0900002', 'S2', 200706);
  near(second[41], 0.586297, 5);
  near(second[42], 0.833332, 5);
  near(second[56], -0.047619, 5);
  near(second[61], 1);
  const third = encoding('PRD0910001', 'S2', 200652);
  near(third[41], 0.707087, 5);
  near(third[24], -0.693145, 5);
  near(third[56], 0);
});

test('layer 4, statistics up to the common scale of the vector', async () => {
  const rows = await readRows(features, customerStates);
  const numbers = (row: AnyRow | undefined, column: string) => row?.[column] as readonly number[];
  const statistics = (customer: number) => numbers(rows[customer], 'statistics').slice(0, 13);
  // Top Up, Full Shop, Small Shop; Fresh, Grocery, Mixed; sensitivity, its spread, size, its variance; entropies.
  const expected = [
    [
      0.666667, 0.333333, 0, 0.666667, 0, 0.333333, 0.25, 0.353553, 0.553333, 0.149633, 0.636514, 0.636514,
      0.000003,
    ],
    [0.666667, 0, 0.333333, 0.333333, 0.666667, 0, 1, 0, 0.443333, 0.038533, 0.636514, 0.636514, 0.435622],
  ];
  expected.forEach((values, customer) => {
    for (const [k, value] of values.entries()) near(statistics(customer)[k], value, 5);
  });
  for (const row of rows) {
    const vector = row['embedding'] as readonly number[];
    near(Math.hypot(...vector), 1);
    // alpha is 0.8 for three trips.
    const history = row['history'] as readonly number[];
    const ratio = (vector[0] ?? 0) / (0.2 * (history[0] ?? 1));
    near((vector[128] ?? 0) / (statistics(rows.indexOf(row))[0] ?? 1), ratio, 5);
  }
});

test('layer 5', async () => {
  const rows = await readRows(features, storeFeatures);
  const vectors = rows.map((row: AnyRow) => row['embedding'] as readonly number[]);
  const blocks = [
    { identity: [0.188058, -0.082232], format: [-0.075061, 0.131636], region: [0.052041, 0.082522] },
    { identity: [-0.204159, 0.194452], format: [0.106061, -0.011715], region: [0.200862, 0.137177] },
  ];
  blocks.forEach(({ identity, format, region }, store) => {
    for (const [k, value] of identity.entries()) near(vectors[store]?.[k], value);
    for (const [k, value] of format.entries()) near(vectors[store]?.[32 + k], value);
    for (const [k, value] of region.entries()) near(vectors[store]?.[48 + k], value);
  });
  expect(vectors[0]?.slice(64, 74)).toEqual([1, 1, 0, 1, 1, 0, 0, 0, 1, 0.5]);
  expect(vectors[1]?.slice(64, 74)).toEqual([0, 0, 1, 0, 0, 1, 1, 1, 0, 0.5]);
  expect([vectors[0]?.[74], vectors[0]?.[90]]).toEqual([1, 0.5]);
  expect([vectors[1]?.[84], vectors[1]?.[89]]).toEqual([1, 0.5]);
});
