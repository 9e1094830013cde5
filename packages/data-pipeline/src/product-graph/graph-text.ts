import { write as writeGexf } from 'graphology-gexf';
import type { EdgeAttributes, NodeAttributes, ProductGraph } from './open-product-graph.js';

export const GRAPH_FORMATS = ['gexf', 'graphml'] as const;
export type GraphFormat = (typeof GRAPH_FORMATS)[number];

/** The graph as a file that Gephi, Cytoscape, yEd or networkx read. */
export function graphText(graph: ProductGraph, format: GraphFormat): string {
  return format === 'gexf' ? gexf(graph) : graphml(graph);
}

function gexf(graph: ProductGraph): string {
  return writeGexf<NodeAttributes, EdgeAttributes>(graph, {
    version: '1.3',
    formatNode: (key, attributes) => ({ label: key, attributes: present(attributes) }),
    formatEdge: (_key, { weight, ...attributes }) => ({ weight, attributes: present(attributes) }),
  });
}

/** A missing value is a missing attribute: GEXF and GraphML know no null. */
function present(attributes: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== null));
}

const NODE_KEYS = {
  node_type: 'string',
  hierarchy_level: 'int',
  total_quantity: 'long',
  total_spend: 'double',
  category_path: 'string',
} as const satisfies Record<keyof NodeAttributes, string>;

const EDGE_KEYS = {
  edge_type: 'string',
  weight: 'double',
  count: 'long',
  lift: 'double',
  jaccard: 'double',
  within_customer_lift: 'double',
  price_gap: 'double',
  hierarchy_distance: 'int',
} as const satisfies Record<keyof EdgeAttributes, string>;

/** GraphML 1.0 (graphml.graphdrawing.org); graphology has a reader for it but no writer. */
function graphml(graph: ProductGraph): string {
  const keys = (domain: string, types: Readonly<Record<string, string>>) =>
    Object.entries(types).map(
      ([name, type]) =>
        `  <key id="${domain}_${name}" for="${domain}" attr.name="${name}" attr.type="${type}"/>`,
    );
  const data = (domain: string, attributes: Readonly<Record<string, unknown>>) =>
    Object.entries(present(attributes))
      .map(([name, value]) => `<data key="${domain}_${name}">${escapeXml(String(value))}</data>`)
      .join('');
  const nodes = graph.mapNodes(
    (key, attributes) => `    <node id="${escapeXml(key)}">${data('node', attributes)}</node>`,
  );
  const edges = graph.mapEdges((key, attributes, source, target, _from, _to, undirected) => {
    const ends = `source="${escapeXml(source)}" target="${escapeXml(target)}" directed="${!undirected}"`;
    return `    <edge id="${escapeXml(key)}" ${ends}>${data('edge', attributes)}</edge>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
    ...keys('node', NODE_KEYS),
    ...keys('edge', EDGE_KEYS),
    '  <graph id="product_graph" edgedefault="undirected">',
    ...nodes,
    ...edges,
    '  </graph>',
    '</graphml>',
    '',
  ].join('\n');
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
