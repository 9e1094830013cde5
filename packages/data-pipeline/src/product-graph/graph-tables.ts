import { batchFromRows } from '@retail-sim/artifacts';
import type { Batch, RowOf } from '@retail-sim/artifacts/schema';
import { productGraphEdges, productGraphNodes } from '../schemas/product-graph.js';
import type { ProductGraphData } from './build-product-graph.js';

type NodeRow = RowOf<typeof productGraphNodes>;
type EdgeRow = RowOf<typeof productGraphEdges>;

/** Products ascending by id, then the categories by level. */
export function nodeRows({ products, hierarchy }: ProductGraphData): NodeRow[] {
  const productNodes = products.map(({ id, categories, quantity, spend }): NodeRow => {
    const [sub_commodity, commodity, sub_department, department] = categories;
    return {
      node_id: id,
      node_type: 'product',
      hierarchy_level: 0,
      sub_commodity,
      commodity,
      sub_department,
      department,
      total_quantity: quantity,
      total_spend: spend,
      category_path: categories
        .toReversed()
        .map((code) => code ?? '')
        .join('/'),
    };
  });
  const categoryNodes = hierarchy.nodes.map(
    ({ id, level }): NodeRow => ({
      node_id: id,
      node_type: 'category',
      hierarchy_level: level,
      sub_commodity: null,
      commodity: null,
      sub_department: null,
      department: null,
      total_quantity: null,
      total_spend: null,
      category_path: null,
    }),
  );
  return [...productNodes, ...categoryNodes];
}

const EMPTY = {
  count: null,
  lift: null,
  chi2: null,
  p_value: null,
  jaccard: null,
  within_customer_lift: null,
  price_gap: null,
  hierarchy_distance: null,
} as const;

/** By type, source and target. */
export function edgeRows({ ids, copurchase, substitution, hierarchy }: ProductGraphData): EdgeRow[] {
  const id = (code: number) => ids[code] ?? '';
  const rows: EdgeRow[] = [
    ...copurchase.map(({ source, target, count, lift, chi2, pValue }) => ({
      ...EMPTY,
      source: id(source),
      target: id(target),
      edge_type: 'copurchase',
      weight: lift,
      count,
      lift,
      chi2,
      p_value: pValue,
    })),
    ...hierarchy.edges.map(({ child, parent, weight, distance }) => ({
      ...EMPTY,
      source: child,
      target: parent,
      edge_type: 'hierarchy',
      weight,
      hierarchy_distance: distance,
    })),
    ...substitution.map((edge) => ({
      ...EMPTY,
      source: id(edge.source),
      target: id(edge.target),
      edge_type: 'substitution',
      weight: edge.weight,
      lift: edge.lift,
      jaccard: edge.jaccard,
      within_customer_lift: edge.withinCustomerLift,
      price_gap: edge.priceGap,
    })),
  ];
  return rows.sort(
    (a, b) => compare(a.edge_type, b.edge_type) || compare(a.source, b.source) || compare(a.target, b.target),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function nodeBatch(graph: ProductGraphData): Batch<(typeof productGraphNodes)['columns']> {
  return batchFromRows(productGraphNodes, nodeRows(graph));
}

export function edgeBatch(graph: ProductGraphData): Batch<(typeof productGraphEdges)['columns']> {
  return batchFromRows(productGraphEdges, edgeRows(graph));
}
