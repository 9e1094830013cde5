import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GRAPH_REFERENCE } from './product-graph/parameters.js';
import {
  customerMissionPatterns,
  customerStoreAffinity,
  pricesDerived,
  productGraphEdges,
} from './schemas/index.js';
import { runQuietly, temporaryFolder } from './testing/pipeline-run.js';
import { RAW_HEADER, rawFile } from './testing/raw-file.js';
import { readTableRows } from './testing/read-rows.js';

/**
 * The worked example of spec section 2 §6, in the mode of the reference: seven baskets that can be followed by hand,
 * and what all four stages make of them.
 */
const A1 = 'PRD0900001';
const A2 = 'PRD0900002';
const A3 = 'PRD0900003';
const B1 = 'PRD0910001';

type Item = readonly [product: string, quantity: number, spend: number];
type Basket = readonly [
  week: number,
  weekday: number,
  hour: number,
  customer: string,
  store: 'S1' | 'S2',
  type: string,
  focus: string,
  sensitivity: string,
  size: string,
  items: readonly Item[],
];

const BASKETS: readonly Basket[] = [
  [
    200651,
    2,
    10,
    'U1',
    'S1',
    'Top Up',
    'Fresh',
    'LA',
    'S',
    [
      [A1, 1, 2],
      [B1, 2, 1],
    ],
  ],
  [
    200652,
    7,
    12,
    'U1',
    'S2',
    'Full Shop',
    'Mixed',
    'MM',
    'L',
    [
      [A1, 1, 1.8],
      [A2, 1, 2.1],
      [B1, 1, 0.5],
    ],
  ],
  [
    200651,
    1,
    10,
    'U2',
    'S1',
    'Top Up',
    'Grocery',
    'UM',
    'M',
    [
      [A1, 2, 4.2],
      [B1, 1, 0.4],
    ],
  ],
  [
    200701,
    3,
    15,
    'U2',
    'S1',
    'Small Shop',
    'Fresh',
    'UM',
    'S',
    [
      [A2, 1, 2],
      [B1, 1, 0.5],
    ],
  ],
  [200701, 6, 10, '', 'S1', 'XX', 'XX', 'XX', 'S', [[A1, 1, 1.5]]],
  [
    200706,
    1,
    9,
    'U1',
    'S2',
    'Top Up',
    'Fresh',
    'XX',
    'S',
    [
      [A1, 1, 2],
      [A2, 1, 2],
    ],
  ],
  [
    200702,
    4,
    21,
    'U2',
    'S2',
    'Top Up',
    'Grocery',
    'UM',
    'S',
    [
      [A1, 1, 2],
      [A3, 0, 3],
    ],
  ],
];

const MONDAYS: Readonly<Record<number, number>> = {
  200651: Date.UTC(2007, 1, 12),
  200652: Date.UTC(2007, 1, 19),
  200701: Date.UTC(2007, 1, 26),
  200702: Date.UTC(2007, 2, 5),
  200706: Date.UTC(2007, 3, 2),
};
const STORES = { S1: 'LS,E01', S2: 'SS,W01' } as const;
const DAY = 86_400_000;

/** Weekday 1 is the Sunday that ends the week. */
function dateOf(week: number, weekday: number): string {
  const day = new Date((MONDAYS[week] ?? 0) + ((weekday + 5) % 7) * DAY);
  return day.toISOString().slice(0, 10).replaceAll('-', '');
}

function rawLines(): string[] {
  return BASKETS.flatMap(
    ([week, weekday, hour, customer, store, type, focus, sensitivity, size, items], index) =>
      items.map(([product, quantity, spend]) =>
        [
          ...[week, dateOf(week, weekday), weekday, hour, quantity, spend],
          ...[product, product === B1 ? 'CL2' : 'CL1', 'DEP1', 'G1', 'D1', customer, '', ''],
          ...[index + 1, size, sensitivity, type, focus, store, STORES[store]],
        ].join(','),
      ),
  );
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  folder = await temporaryFolder();
  const input = join(folder.path, 'transactions.csv');
  await writeFile(input, rawFile(rawLines(), RAW_HEADER));
  await runQuietly({
    input: [input],
    processed: join(folder.path, 'processed'),
    compat: true,
    graph: {
      ...GRAPH_REFERENCE,
      minCopurchaseCount: 1,
      liftThreshold: 1,
      topKComplements: 10,
      jaccardThreshold: 0.5,
      maxLiftForSubstitution: 1.2,
      priceGapThreshold: 0.5,
    },
  });
});

afterAll(() => folder[Symbol.asyncDispose]());

const read = (table: Parameters<typeof readTableRows>[1]) =>
  readTableRows(join(folder.path, 'processed'), table);
const near = (value: number) => expect.closeTo(value, 6);

test('stage 1: prices', async () => {
  const rows = await read(pricesDerived);
  const price = (product: string, store: string, week: number) =>
    rows.find((row) => row['product_id'] === product && row['store_id'] === store && row['week'] === week);
  expect(rows.length).toBe(11);
  expect(price(A1, 'S1', 200651)).toMatchObject({
    actual_price: near(2.05),
    base_price: near(2.05),
    quality_score: near(0.796551),
    transaction_count: 2,
    total_quantity: 3,
  });
  expect(price(A1, 'S1', 200701)).toMatchObject({
    actual_price: near(1.5),
    base_price: near(2.05),
    discount_depth: near(0.268293),
    promo_flag: expect.toSatisfy((flag) => Number(flag) === 1),
  });
  expect(price(A2, 'S2', 200706)).toMatchObject({
    actual_price: near(2),
    base_price: near(2.1),
    discount_depth: near(0.047619),
    promo_flag: expect.toSatisfy((flag) => Number(flag) === 0),
  });
  expect(price(B1, 'S1', 200651)).toMatchObject({ actual_price: near(0.45), quality_score: near(0.784287) });
  expect(rows.filter((row) => row['product_id'] === A3)).toEqual([]);
  expect(rows.filter((row) => row['discount_depth'] === 0).length).toBe(9);
});

test('stage 2: copurchase and hierarchy, no substitution', async () => {
  const edges = await read(productGraphEdges);
  const of = (type: string) => edges.filter((edge) => edge['edge_type'] === type);
  const pairs = of('copurchase').map(({ source, target, count, lift }) => ({
    pair: [source, target].toSorted(),
    count,
    lift,
  }));
  expect(pairs.length).toBe(2);
  expect(pairs).toEqual(
    expect.arrayContaining([
      { pair: [A1, A3], count: 1, lift: near(1.166667) },
      { pair: [A2, B1], count: 2, lift: near(1.166667) },
    ]),
  );
  expect(of('substitution')).toEqual([]);
  const closeness = Object.fromEntries(
    of('hierarchy').map(({ source, target, weight }) => [`${source} ${target}`, weight]),
  );
  expect(closeness).toEqual({
    ...{ [`${A1} CL1`]: 1, [`${A2} CL1`]: 1, [`${A3} CL1`]: 1, [`${B1} CL2`]: 1 },
    ...{ 'CL1 DEP1': 0.5, 'CL2 DEP1': 0.5, 'DEP1 G1': 0.25, 'G1 D1': 0.125 },
  });
});

test('stage 3: affinity, with the tenure of the reference', async () => {
  const shared = {
    primary_store: 'S2',
    loyalty_score: near(0.555556),
    switching_rate: near(0.5),
    region_diversity: 2,
    total_stores_visited: 2,
    visit_concentration: near(1),
    primary_store_share: near(0.666667),
  };
  expect(await read(customerStoreAffinity)).toMatchObject([
    { customer_id: 'U1', ...shared, tenure_weeks: 56, total_spend: near(11.4) },
    { customer_id: 'U2', ...shared, primary_store: 'S1', tenure_weeks: 52, total_spend: near(12.1) },
  ]);
});

test('stage 4: missions', async () => {
  expect(await read(customerMissionPatterns)).toMatchObject([
    {
      customer_id: 'U1',
      dominant_mission_type: 'Top Up',
      mission_type_entropy: near(0.636514),
      dominant_focus: 'Fresh',
      mean_price_sensitivity: near(0.25),
      sensitivity_volatility: near(0.353553),
      typical_sensitivity: 'LA',
      mean_basket_size: near(0.553333),
      basket_size_variance: near(0.149633),
      total_trips: 3,
      avg_items_per_trip: near(2.666667),
      avg_spend_per_trip: near(3.8),
      mission_consistency: near(0.000003),
    },
    {
      customer_id: 'U2',
      dominant_mission_type: 'Top Up',
      dominant_focus: 'Grocery',
      mean_price_sensitivity: near(1),
      sensitivity_volatility: near(0),
      typical_sensitivity: 'UM',
      mean_basket_size: near(0.443333),
      basket_size_variance: near(0.038533),
      total_trips: 3,
      avg_items_per_trip: near(2),
      avg_spend_per_trip: near(4.033333),
      mission_consistency: near(0.435622),
    },
  ]);
});
