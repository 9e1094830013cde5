import { writeFile } from 'node:fs/promises';
import { publishFile, verifyUpstream } from '@retail-sim/artifacts';
import { productGraphEdges, productGraphNodes } from '../schemas/product-graph.js';
import { type GraphFormat, graphText } from './graph-text.js';
import { openProductGraph } from './open-product-graph.js';

/** Writes the product graph of a data pipeline folder to one file. */
export async function exportProductGraph(
  folder: string,
  format: GraphFormat,
  file: string,
): Promise<{ readonly file: string; readonly nodes: number; readonly edges: number }> {
  await verifyUpstream(folder, {
    command: 'retail-data-pipeline',
    tables: [productGraphNodes, productGraphEdges],
  });
  const graph = await openProductGraph(folder);
  await publishFile(file, (temporary) => writeFile(temporary, graphText(graph, format)));
  return { file, nodes: graph.order, edges: graph.size };
}
