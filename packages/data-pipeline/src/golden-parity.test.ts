import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { TableDefinition } from '@retail-sim/artifacts/schema';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GRAPH_REFERENCE } from './product-graph/parameters.js';
import {
  customerMissionPatterns,
  customerStoreAffinity,
  pricesDerived,
  productGraphEdges,
  productGraphNodes,
} from './schemas/index.js';
import { runQuietly, temporaryFolder } from './testing/pipeline-run.js';
import { type AnyRow, readTableRows } from './testing/read-rows.js';

/**
 * `--compat reference` against complete outputs of the reference on real rows. The rows are not part of the project:
 * where they are absent these tests are skipped, and the shipped fixtures stand for them.
 */
const shared = join(import.meta.dirname, '../../../../shared');
const calendar = join(shared, 'data/lgsr/time.csv');
const isPresent = existsSync(join(shared, 'golden/reference')) && existsSync(calendar);
if (!isPresent) process.stderr.write('golden-parity: skipped, ../shared is absent\n');

type Golden = Readonly<Record<string, string>>;

describe.runIf(isPresent).each(['first10k', 'dev'])('%s', (slice) => {
  const goldenFolder = join(shared, 'golden/reference', slice);
  const golden = (name: string): Golden[] =>
    parse(gunzipSync(readFileSync(join(goldenFolder, `${name}.csv.gz`))), { columns: true });
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const table = (definition: TableDefinition) => readTableRows(folder.path, definition);
  const run = { calendar, compat: true, input: [join(goldenFolder, 'transactions.csv.gz')] };

  beforeAll(async () => {
    folder = await temporaryFolder();
    await runQuietly({ ...run, processed: folder.path });
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  test('stage 1, prices', async () => {
    compareTables(await table(pricesDerived), golden('stage1_prices'), {});
  });

  test('stage 2, nodes', async () => {
    compareTables(await table(productGraphNodes), golden('stage2_nodes'), { node: 'node_id' });
  });

  test('stage 2, edges with baskets cut in product order', async () => {
    compareEdges(await table(productGraphEdges), golden('stage2_edges_sorted50'));
  });

  test('stage 2, lifts of all pairs with 5 or more joint baskets', async () => {
    await using loose = await temporaryFolder();
    const graph = { ...GRAPH_REFERENCE, liftThreshold: 0, topKComplements: 1e9, jaccardThreshold: 2 };
    await runQuietly({ ...run, processed: loose.path, stages: [2], graph });
    const edges = await readTableRows(loose.path, productGraphEdges);
    const pairs = edges.filter((edge) => edge['edge_type'] === 'copurchase');
    const found = new Map(pairs.map((edge) => [`${edge['source']} ${edge['target']}`, Number(edge['lift'])]));
    const expected = golden('stage2_lift_pairs_sorted50');
    expect(found.size).toBe(expected.length);
    for (const { p1, p2, lift } of expected) expectClose(found.get(`${p1} ${p2}`), lift ?? '', `${p1} ${p2}`);
  });

  test.each([
    ['stage2_substitution_j0.2_l0.5_g0.5_sorted50', 0.2, 0.5, 0.5],
    ['stage2_substitution_j0.1_l3_g0.8_sorted50', 0.1, 3, 0.8],
  ])('%s', async (name, jaccardThreshold, maxLiftForSubstitution, priceGapThreshold) => {
    await using loose = await temporaryFolder();
    const graph = { ...GRAPH_REFERENCE, jaccardThreshold, maxLiftForSubstitution, priceGapThreshold };
    await runQuietly({ ...run, processed: loose.path, stages: [2], graph });
    const edges = await readTableRows(loose.path, productGraphEdges);
    compareEdges(
      edges.filter((edge) => edge['edge_type'] === 'substitution'),
      golden(name),
    );
  });

  test('stage 3, affinity', async () => {
    compareTables(await table(customerStoreAffinity), golden('stage3_affinity'), {});
  });

  test('stage 4, missions', async () => {
    compareTables(await table(customerMissionPatterns), golden('stage4_missions'), {
      p_mission_xx: 'p_mission_unknown',
      p_focus_xx: 'p_focus_unknown',
    });
  });
});

/** Row by row, column by column; `names` says where a column has another name here. */
function compareTables(
  found: readonly AnyRow[],
  expected: readonly Golden[],
  names: Readonly<Record<string, string>>,
): void {
  expect(found.length).toBe(expected.length);
  expected.forEach((row, index) => {
    for (const [column, value] of Object.entries(row)) {
      expectSame(found[index]?.[names[column] ?? column], value, `row ${index}, ${column}`);
    }
  });
}

/** Undirected edges in any order. */
function compareEdges(found: readonly AnyRow[], expected: readonly Golden[]): void {
  const key = (edge: AnyRow) =>
    [String(edge['source']), String(edge['target'])].sort().join(' ') + String(edge['edge_type']);
  const byKey = new Map(found.map((edge) => [key(edge), edge]));
  expect([...byKey.keys()].sort()).toEqual(expected.map(key).sort());
  for (const edge of expected) {
    for (const column of ['weight', 'count', 'lift', 'jaccard', 'price_gap', 'hierarchy_distance']) {
      expectSame(byKey.get(key(edge))?.[column], edge[column] ?? '', `${key(edge)}, ${column}`);
    }
  }
}

function expectSame(found: unknown, expected: string, where: string): void {
  const isNull = found === null || found === undefined || Number.isNaN(found);
  if (expected === '') {
    if (!isNull && found !== '') expect.fail(`${where}: ${found}, expected none`);
  } else if (typeof found === 'number') {
    expectClose(found, expected, where);
  } else if (expected.startsWith('{')) {
    expect(JSON.parse(String(found)), where).toEqual(JSON.parse(expected));
  } else if (String(found) !== expected) {
    expect.fail(`${where}: ${found}, expected ${expected}`);
  }
}

/** N13, widened by what the goldens' 9 digits have lost. */
function expectClose(found: number | undefined, expected: string, where: string): void {
  const value = Number(expected);
  const tolerance = 1e-9 + 6e-9 * Math.abs(value);
  if (found === undefined || !(Math.abs(found - value) <= tolerance))
    expect.fail(`${where}: ${found}, expected ${value}`);
}
