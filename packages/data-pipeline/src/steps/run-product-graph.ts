import { stat } from 'node:fs/promises';
import { InputError } from '@retail-sim/errors';
import { buildProductGraph } from '../product-graph/build-product-graph.js';
import { edgeBatch, nodeBatch } from '../product-graph/graph-tables.js';
import type { StepContext, StepResult } from '../run-data-pipeline.js';
import { priceFallbacksP } from '../schemas/prices.js';
import { productGraphEdges, productGraphNodes } from '../schemas/product-graph.js';
import { baskets, transactions } from '../schemas/transactions.js';

export const GRAPH_TABLES = [productGraphNodes, productGraphEdges] as const;

/** Stage 2: reads the lines and the product prices of stage 1, writes nodes and edges. */
export async function runProductGraph(context: StepContext): Promise<StepResult> {
  const { options, engine, stage, split, progress, warn } = context;
  const productPrices = context.path(priceFallbacksP);
  if (!options.compat && (await stat(productPrices).catch(() => undefined)) === undefined) {
    throw new InputError({
      what: 'stage 2 compares the prices of stage 1, which has not run for this data',
      remedy: 'run stage 1 first, or both: --stages 1,2',
    });
  }
  const task = progress.task('stage 2, product graph');
  const graph = await buildProductGraph({
    connection: engine.connection,
    lines: context.path(transactions),
    baskets: context.path(baskets),
    productPrices: options.compat ? null : productPrices,
    parameters: options.graph,
    compat: options.compat,
    fitThroughWeek: split.fitThroughWeek,
  });
  const nodes = nodeBatch(graph);
  const edges = edgeBatch(graph);
  await stage.table(productGraphNodes, [nodes]);
  await stage.table(productGraphEdges, [edges]);
  task.done();
  if (graph.substitution.length === 0 && graph.products.length > 0) {
    warn('the product graph has no substitution edge: everything that compares competitors will be constant');
  }
  return {
    rows: edges.rows,
    counts: {
      nodes: nodes.rows,
      copurchase: graph.copurchase.length,
      copurchaseCandidates: graph.copurchaseCandidates,
      substitution: graph.substitution.length,
      hierarchy: graph.hierarchy.edges.length,
    },
  };
}
