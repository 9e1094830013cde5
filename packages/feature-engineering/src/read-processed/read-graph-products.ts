import { readWholeTable, type Upstream } from '@retail-sim/artifacts';
import { productGraphEdges, productGraphNodes } from '@retail-sim/data-pipeline/schemas';

/** A product of the fit window with its place in the hierarchy and its sales. */
export interface GraphProduct {
  readonly productId: string;
  /** Codes of the four levels above; `UNKNOWN` where the raw data have none. */
  readonly subCommodity: string;
  readonly commodity: string;
  readonly subDepartment: string;
  readonly department: string;
  /** Units and pounds sold in the fit window. */
  readonly totalQuantity: number;
  readonly totalSpend: number;
}

export const UNKNOWN_CATEGORY = 'UNKNOWN';

/** Product nodes of the graph, ascending by id. */
export async function readGraphProducts(pipeline: Upstream): Promise<GraphProduct[]> {
  const { columns, rows } = await readWholeTable(pipeline.path(productGraphNodes), productGraphNodes);
  const code = (column: { readonly data: readonly string[]; readonly valid: Uint8Array }, row: number) =>
    column.valid[row] === 0 ? UNKNOWN_CATEGORY : (column.data[row] ?? UNKNOWN_CATEGORY);
  const products: GraphProduct[] = [];
  for (let row = 0; row < rows; row++) {
    if (columns.hierarchy_level[row] !== 0) continue;
    products.push({
      productId: columns.node_id[row] ?? '',
      subCommodity: code(columns.sub_commodity, row),
      commodity: code(columns.commodity, row),
      subDepartment: code(columns.sub_department, row),
      department: code(columns.department, row),
      totalQuantity: columns.total_quantity.data[row] ?? 0,
      totalSpend: columns.total_spend.data[row] ?? 0,
    });
  }
  return products;
}

/** Undirected edges between competing products; ends are places in the list of products. */
export interface SubstitutionEdges {
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly weight: readonly number[];
}

export async function readSubstitutionEdges(
  pipeline: Upstream,
  products: readonly GraphProduct[],
): Promise<SubstitutionEdges> {
  const { columns, rows } = await readWholeTable(pipeline.path(productGraphEdges), productGraphEdges, {
    columns: ['source', 'target', 'edge_type', 'weight'],
  });
  const place = new Map(products.map(({ productId }, index) => [productId, index]));
  const edges = { from: [] as number[], to: [] as number[], weight: [] as number[] };
  const substitution = columns.edge_type.values.indexOf('substitution');
  for (let row = 0; row < rows; row++) {
    if (columns.edge_type.codes[row] !== substitution) continue;
    const from = place.get(columns.source.values[columns.source.codes[row] ?? 0] ?? '');
    const to = place.get(columns.target.values[columns.target.codes[row] ?? 0] ?? '');
    if (from === undefined || to === undefined) continue;
    edges.from.push(from);
    edges.to.push(to);
    edges.weight.push(columns.weight[row] ?? 0);
  }
  return edges;
}
