import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MultiGraph } from 'graphology';
import { parse as parseGexf } from 'graphology-gexf';
import { parse as parseGraphml } from 'graphology-graphml';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { categoriesOf, complementsOf, productsIn, substitutesOf } from './product-graph/graph-queries.js';
import { graphText } from './product-graph/graph-text.js';
import {
  type EdgeAttributes,
  type NodeAttributes,
  openProductGraph,
} from './product-graph/open-product-graph.js';
import { GRAPH_DEFAULTS } from './product-graph/parameters.js';
import { runQuietly, temporaryFolder } from './testing/pipeline-run.js';

const sample = join(import.meta.dirname, '../fixtures/sample');
const command = join(import.meta.dirname, '../bin/retail-data-pipeline.js');
const graph = { ...GRAPH_DEFAULTS, minCopurchaseCount: 4 };

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let processed: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  processed = join(folder.path, 'processed');
  await runQuietly({ input: [sample], processed, graph });
});
afterAll(() => folder[Symbol.asyncDispose]());

const statuses = (result: Awaited<ReturnType<typeof runQuietly>>) =>
  result.steps.map(({ status }) => status).join(' ');

test('a second run keeps everything; a changed parameter runs its stage and what builds on it', async () => {
  const run = { input: [sample], processed: join(folder.path, 'resumed'), graph };
  expect(statuses(await runQuietly({ ...run, stages: [1] }))).toBe('done done skipped skipped skipped');
  expect(statuses(await runQuietly(run))).toBe('kept kept done done done');
  expect(statuses(await runQuietly(run))).toBe('kept kept kept kept kept');
  expect(statuses(await runQuietly({ ...run, minTrips: 3 }))).toBe('kept kept kept kept done');
  const prices = {
    rollingWindow: 6,
    discountThreshold: 0.1,
    maxDiscountDepth: 0.7,
    minPrice: 0.01,
    maxPrice: 100,
  };
  expect(statuses(await runQuietly({ ...run, minTrips: 3, prices }))).toBe('kept done done kept kept');
  expect(statuses(await runQuietly({ ...run, minTrips: 3, prices, force: true }))).toBe(
    'done done done done done',
  );
});

test('with --nrows the first rows are read again and the stages are kept', async () => {
  const run = { input: [sample], processed: join(folder.path, 'first'), nrows: 500, graph };
  await runQuietly({ ...run, stages: [1] });
  expect(statuses(await runQuietly(run))).toBe('done kept done done done');
});

test('stage 2 without the prices of stage 1 says what to run', async () => {
  const run = runQuietly({ input: [sample], processed: join(folder.path, 'no-prices'), stages: [2] });
  await expect(run).rejects.toThrow(/stage 1/);
});

test('what an earlier run has read gives the same tables without its CSV', async () => {
  const again = join(folder.path, 'again');
  await runQuietly({ input: [processed], processed: again, graph });
  for (const file of ['prices_derived', 'product_graph_edges', 'customer_mission_patterns_weekly']) {
    const [left, right] = await Promise.all(
      [processed, again].map((each) => readFile(join(each, `${file}.parquet`))),
    );
    expect(left?.equals(right ?? Buffer.alloc(0)), file).toBe(true);
  }
  await expect(runQuietly({ input: [processed], processed: again, compat: true })).rejects.toThrow(/mode/);
  await expect(runQuietly({ input: [processed], processed })).rejects.toThrow(/folder to write as well/);
});

test('the graph answers queries', async () => {
  const opened = await openProductGraph(processed);
  const product = opened.findNode((node) => substitutesOf(opened, node).length > 0) ?? '';
  const [best, ...others] = complementsOf(opened, product);
  expect(complementsOf(opened, product, 1)).toEqual([best]);
  for (const { weight } of others) expect(weight).toBeLessThanOrEqual(best?.weight ?? 0);
  const [substitute] = substitutesOf(opened, product, 1);
  const categories = categoriesOf(opened, product);
  expect(categories.map((name) => name.replace(/\d+$/, ''))).toEqual(['CL', 'DEP', 'G', 'D']);
  expect(productsIn(opened, categories[0] ?? '')).toContain(substitute?.product);
  expect(productsIn(opened, categories[3] ?? '').length).toBe(64);
});

test('the exported graph reads back as it was', async () => {
  const opened = await openProductGraph(processed);
  const gexf = parseGexf<NodeAttributes, EdgeAttributes>(MultiGraph, graphText(opened, 'gexf'));
  const graphml = parseGraphml<NodeAttributes, EdgeAttributes>(MultiGraph, graphText(opened, 'graphml'));
  for (const back of [gexf, graphml]) {
    expect([back.order, back.size, back.directedSize]).toEqual([
      opened.order,
      opened.size,
      opened.directedSize,
    ]);
    opened.forEachNode((node, { total_spend, node_type }) => {
      expect(back.getNodeAttributes(node)).toMatchObject(
        total_spend === null ? { node_type } : { total_spend },
      );
    });
  }
  const weights = (of: typeof opened) => of.mapEdges((_key, { weight }) => weight).sort((a, b) => a - b);
  expect(weights(graphml)).toEqual(weights(opened));
  expect(weights(gexf)).toEqual(weights(opened));
});

test('describe says what is there, as text and as JSON', () => {
  const run = (...flags: string[]) =>
    spawnSync(process.execPath, [command, 'describe', '--processed', processed, ...flags], {
      encoding: 'utf8',
      cwd: folder.path,
    });
  const description = JSON.parse(run('--json').stdout);
  expect(description).toMatchObject({
    mode: 'corrected',
    data: { lines: 2295, products: 64, weeks: 14, first_week: 200646, last_week: 200710 },
    graph: { products: 64, categories: 18, edges: { hierarchy: 81 } },
    prices: { summary: { products: 64, products_sold_by_weight: 6 } },
  });
  expect(description.topStores.length).toBe(10);
  expect(run().stdout).toMatch(/Top stores by spend/);
  const nowhere = spawnSync(process.execPath, [command, 'describe', '--processed', 'nowhere'], {
    encoding: 'utf8',
    cwd: folder.path,
  });
  expect([nowhere.status, nowhere.stdout]).toEqual([2, '']);
  expect(nowhere.stderr).toMatch(/retail-data-pipeline has not run here/);
});
