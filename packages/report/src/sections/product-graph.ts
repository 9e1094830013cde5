import { join } from 'node:path';
import { barY, gridY, ruleY } from '@observablehq/plot';
import { z } from 'zod';
import { draw, NARROW, seriesColour } from '../charts/draw.js';
import { dataTable } from '../page/data-table.js';
import { figure } from '../page/figure.js';
import { html } from '../page/html.js';
import { count, fixed } from '../page/numbers.js';
import type { Section } from '../page/section.js';
import { numeric, type Tables } from '../tables.js';

const edgeShape = z.object({
  edge_type: z.string(),
  edges: numeric,
  sources: numeric,
  weight: numeric,
});
const degreeShape = z.object({
  edge_type: z.string(),
  degree: z.string(),
  place: numeric,
  products: numeric,
});
const pairShape = z.object({ source: z.string(), target: z.string(), lift: numeric, baskets: numeric });
const nodeShape = z.object({ products: numeric, categories: numeric });

/** What is bought together and what replaces what. */
export async function productGraphSection(tables: Tables, processed: string): Promise<Section> {
  const edges = join(processed, 'product_graph_edges.parquet');
  const [nodes] = await tables.rows(
    nodeShape,
    `SELECT count(*) FILTER (node_type = 'product') AS products, count(*) FILTER (node_type <> 'product') AS categories
     FROM read_parquet($nodes)`,
    { nodes: join(processed, 'product_graph_nodes.parquet') },
  );
  const kinds = await tables.rows(
    edgeShape,
    `SELECT edge_type, count(*) AS edges, count(DISTINCT source) AS sources, median(weight) AS weight
     FROM read_parquet($edges) GROUP BY edge_type ORDER BY edge_type`,
    { edges },
  );
  const degrees = await tables.rows(
    degreeShape,
    `WITH ends AS (
       SELECT edge_type, source AS product FROM read_parquet($edges) WHERE edge_type <> 'hierarchy'
       UNION ALL SELECT edge_type, target FROM read_parquet($edges) WHERE edge_type <> 'hierarchy'),
     degrees AS (
       SELECT edge_type, product, least(floor(log2(count(*))), 6)::INT AS place FROM ends GROUP BY ALL)
     SELECT edge_type, place, count(*) AS products,
            CASE place WHEN 0 THEN '1' WHEN 6 THEN '64+' ELSE pow(2, place)::INT || '-' || (pow(2, place + 1) - 1)::INT END AS degree
     FROM degrees GROUP BY ALL ORDER BY edge_type, place`,
    { edges },
  );
  const strongest = await tables.rows(
    pairShape,
    `SELECT source, target, lift, "count" AS baskets FROM read_parquet($edges)
     WHERE edge_type = 'copurchase' AND source < target ORDER BY weight DESC, source, target LIMIT 10`,
    { edges },
  );
  const linked = kinds.filter(({ edge_type }) => edge_type !== 'hierarchy');
  return {
    id: 'graph',
    title: 'Product graph',
    body: html`${dataTable(
      `Edges between ${count(nodes?.products ?? 0)} products and ${count(nodes?.categories ?? 0)} categories`,
      [
        { title: 'edge' },
        { title: 'edges', numeric: true },
        { title: 'nodes with one', numeric: true },
        { title: 'median weight', numeric: true },
      ],
      kinds.map(({ edge_type, edges: number, sources, weight }) => [
        edge_type,
        count(number),
        count(sources),
        fixed(weight, 2),
      ]),
    )}
<div class="grid">
${linked.map(({ edge_type }, place) =>
  figure(
    draw({
      width: NARROW,
      ariaDescription: `Products by number of ${edge_type} edges`,
      x: {
        label: 'edges of a product',
        domain: degrees.filter((row) => row.edge_type === edge_type).map(({ degree }) => degree),
      },
      y: { label: 'products' },
      marks: [
        gridY({ strokeOpacity: 0.15 }),
        barY(
          degrees.filter((row) => row.edge_type === edge_type),
          { x: 'degree', y: 'products', fill: seriesColour(place), fillOpacity: 0.7 },
        ),
        ruleY([0]),
      ],
    }),
    `Products by number of ${edge_type} edges.`,
  ),
)}
</div>
${dataTable(
  'Strongest co-purchases by lift',
  [
    { title: 'product' },
    { title: 'with' },
    { title: 'lift', numeric: true },
    { title: 'baskets', numeric: true },
  ],
  strongest.map(({ source, target, lift, baskets }) => [source, target, fixed(lift, 1), count(baskets)]),
)}`,
    finding: `The product graph links ${count(nodes?.products ?? 0)} products: ${kinds
      .filter(({ edge_type }) => edge_type !== 'hierarchy')
      .map(({ edge_type, edges: number }) => `${count(number)} ${edge_type} edges`)
      .join(', ')}.`,
  };
}
