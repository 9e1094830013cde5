import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { TableDefinition } from '@retail-sim/artifacts/schema';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { GRAPH_DEFAULTS, GRAPH_REFERENCE } from './product-graph/parameters.js';
import * as schemas from './schemas/index.js';
import { runQuietly, temporaryFolder } from './testing/pipeline-run.js';
import { type AnyRow, readTableRows } from './testing/read-rows.js';

/**
 * All four stages, in both modes, against tables that a second implementation made of the same rows: fixtures/
 * expected.py, written without a look at this one. Counts, ids, flags and labels agree exactly, doubles to 1e-9.
 */
const fixtures = join(import.meta.dirname, '../fixtures');
const value = z.union([z.number(), z.string(), z.boolean(), z.null()]);
const goldenSchema = z.object({
  parameters: z.record(z.string(), z.number()),
  tables: z.record(z.string(), z.array(z.record(z.string(), value))),
});

const TABLES: Readonly<Record<string, TableDefinition>> = {
  prices: schemas.pricesDerived,
  product_store: schemas.priceFallbacksPs,
  product_region_week: schemas.priceFallbacksPrw,
  product: schemas.priceFallbacksP,
  edges: schemas.productGraphEdges,
  affinity: schemas.customerStoreAffinity,
  missions: schemas.customerMissionPatterns,
  affinity_weekly: schemas.customerStoreAffinityWeekly,
  missions_weekly: schemas.customerMissionPatternsWeekly,
};

describe.each(['reference', 'corrected'])('%s', (mode) => {
  const compat = mode === 'reference';
  const golden = goldenSchema.parse(
    JSON.parse(gunzipSync(readFileSync(join(fixtures, 'expected', `${mode}.json.gz`))).toString()),
  );
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeAll(async () => {
    folder = await temporaryFolder();
    await runQuietly({
      input: [join(fixtures, 'sample')],
      processed: folder.path,
      compat,
      fitThroughWeek: compat ? undefined : 200706,
      graph: { ...(compat ? GRAPH_REFERENCE : GRAPH_DEFAULTS), ...golden.parameters },
    });
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  test.each(Object.keys(golden.tables).filter((name) => name !== 'nodes'))('%s', async (name) => {
    const table = TABLES[name];
    if (table === undefined) throw new Error(`no table is called ${name}`);
    const expected = golden.tables[name] ?? [];
    const found = await readTableRows(folder.path, table);
    expect(found.length).toBe(expected.length);
    expect(expected.length).toBeGreaterThan(20);
    expected.forEach((row, index) => {
      compareRow(found[index] ?? {}, row, `row ${index}`);
    });
  });

  test('product nodes', async () => {
    const found = await readTableRows(folder.path, schemas.productGraphNodes);
    const expected = golden.tables['nodes'] ?? [];
    expect(found.filter((row) => row['node_type'] === 'product').length).toBe(expected.length);
    expected.forEach((row, index) => {
      compareRow(found[index] ?? {}, row, `row ${index}`);
    });
  });
});

function compareRow(found: AnyRow, expected: AnyRow, where: string): void {
  for (const [column, wanted] of Object.entries(expected)) {
    const got = found[column];
    if (typeof wanted === 'number' && typeof got === 'number') {
      const isClose = Math.abs(got - wanted) <= 1e-9 + 1e-9 * Math.abs(wanted);
      if (!isClose) expect.fail(`${where}, ${column}: ${got}, expected ${wanted}`);
    } else if (wanted !== got && !(wanted === null && Number.isNaN(got))) {
      expect.fail(`${where}, ${column}: ${String(got)}, expected ${String(wanted)}`);
    }
  }
}
