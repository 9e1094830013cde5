import { column, defineTable } from '@retail-sim/artifacts/schema';

const madeBy = 'retail-data-pipeline';

/** Stage 2, spec section 2 §2.1: products ascending by id, then the categories of levels 1 to 4. */
export const productGraphNodes = defineTable({
  name: 'product_graph_nodes',
  file: 'product_graph_nodes.parquet',
  madeBy,
  version: 1,
  description: 'One node of the product graph: a product or a category.',
  columns: {
    node_id: column.utf8({ description: 'PROD_CODE or category code' }),
    node_type: column.dictionary('uint8', { description: 'product or category' }),
    hierarchy_level: column.uint8({
      description: '0 product, 1 sub-commodity, 2 commodity, 3 sub-department, 4 department',
    }),
    sub_commodity: column.utf8({ nullable: true, description: 'PROD_CODE_10 of a product' }),
    commodity: column.utf8({ nullable: true, description: 'PROD_CODE_20 of a product' }),
    sub_department: column.utf8({ nullable: true, description: 'PROD_CODE_30 of a product' }),
    department: column.utf8({ nullable: true, description: 'PROD_CODE_40 of a product' }),
    total_quantity: column.integer({
      nullable: true,
      description: 'Units sold in the fit window; products only',
      unit: 'units',
    }),
    total_spend: column.float64({
      nullable: true,
      description: 'Spend in the fit window; products only',
      unit: 'GBP',
    }),
    category_path: column.utf8({
      nullable: true,
      description: 'department/sub-department/commodity/sub-commodity; products only',
    }),
  },
});

/** Undirected edges store source < target; hierarchy edges point from child to parent. */
export const productGraphEdges = defineTable({
  name: 'product_graph_edges',
  file: 'product_graph_edges.parquet',
  madeBy,
  version: 1,
  description: 'One edge of the product graph, sorted by type, source and target.',
  columns: {
    source: column.dictionary('uint32', { description: 'Node id; the child of a hierarchy edge' }),
    target: column.dictionary('uint32', { description: 'Node id; the parent of a hierarchy edge' }),
    edge_type: column.dictionary('uint8', { description: 'copurchase, substitution or hierarchy' }),
    weight: column.float64({ description: 'Lift, substitutability or closeness; always above 0' }),
    count: column.uint32({ nullable: true, description: 'Baskets with both products', unit: 'baskets' }),
    lift: column.float64({
      nullable: true,
      description: 'Joint baskets over those expected of independent products',
    }),
    chi2: column.float64({
      nullable: true,
      description: 'Chi-squared of the 2x2 table of the two products, 1 degree of freedom; copurchase only',
    }),
    p_value: column.float64({
      nullable: true,
      description: 'Probability of such a chi-squared among independent products; copurchase only',
    }),
    jaccard: column.float64({
      nullable: true,
      description: 'Customers of both over customers of either; substitution only',
      unit: 'share 0-1',
    }),
    within_customer_lift: column.float64({
      nullable: true,
      description: 'Joint baskets over those expected within each customer; substitution only',
    }),
    price_gap: column.float64({
      nullable: true,
      description: 'Difference of the two prices over their mean; substitution only',
      unit: 'share',
    }),
    hierarchy_distance: column.uint8({ nullable: true, description: 'Level of the parent; hierarchy only' }),
  },
});
