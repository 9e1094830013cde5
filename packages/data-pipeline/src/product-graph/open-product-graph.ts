import { join } from 'node:path';
import { readWholeTable, rowsOf } from '@retail-sim/artifacts';
import { MultiGraph } from 'graphology';
import { productGraphEdges, productGraphNodes } from '../schemas/product-graph.js';

export type EdgeType = 'copurchase' | 'substitution' | 'hierarchy';

export type NodeAttributes = {
  readonly node_type: 'product' | 'category';
  /** 0 product, 1 sub-commodity, 2 commodity, 3 sub-department, 4 department. */
  readonly hierarchy_level: number;
  readonly total_quantity: number | null;
  readonly total_spend: number | null;
  /** `department/sub-department/commodity/sub-commodity` of a product. */
  readonly category_path: string | null;
};

/** What an edge knows depends on its type; the others are null. */
export type EdgeAttributes = {
  readonly edge_type: EdgeType;
  readonly weight: number;
  readonly count: number | null;
  readonly lift: number | null;
  readonly jaccard: number | null;
  readonly within_customer_lift: number | null;
  readonly price_gap: number | null;
  readonly hierarchy_distance: number | null;
};

/** Copurchase and substitution edges are undirected, hierarchy edges point from child to parent. */
export type ProductGraph = MultiGraph<NodeAttributes, EdgeAttributes>;

/**
 * Reads the product graph of a data pipeline folder as a graphology graph; the key of an edge is
 * `type:source:target`.
 */
export async function openProductGraph(folder: string): Promise<ProductGraph> {
  const graph: ProductGraph = new MultiGraph({ allowSelfLoops: false });
  const nodes = await readWholeTable(join(folder, productGraphNodes.file), productGraphNodes);
  for (const row of rowsOf(productGraphNodes, nodes)) {
    graph.addNode(row.node_id, {
      node_type: row.node_type === 'product' ? 'product' : 'category',
      hierarchy_level: row.hierarchy_level,
      total_quantity: row.total_quantity,
      total_spend: row.total_spend,
      category_path: row.category_path,
    });
  }
  const edges = await readWholeTable(join(folder, productGraphEdges.file), productGraphEdges);
  for (const { source, target, edge_type, ...row } of rowsOf(productGraphEdges, edges)) {
    const type = edgeType(edge_type);
    const attributes: EdgeAttributes = {
      edge_type: type,
      weight: row.weight,
      count: row.count,
      lift: row.lift,
      jaccard: row.jaccard,
      within_customer_lift: row.within_customer_lift,
      price_gap: row.price_gap,
      hierarchy_distance: row.hierarchy_distance,
    };
    const key = `${type}:${source}:${target}`;
    if (type === 'hierarchy') graph.addDirectedEdgeWithKey(key, source, target, attributes);
    else graph.addUndirectedEdgeWithKey(key, source, target, attributes);
  }
  return graph;
}

function edgeType(text: string): EdgeType {
  if (text === 'copurchase' || text === 'substitution' || text === 'hierarchy') return text;
  throw new TypeError(`the product graph has no edges of type ${text}`);
}
