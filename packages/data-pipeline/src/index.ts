export type { DataPipelineOptions, StageNumber } from './options.js';
export { PRICE_DEFAULTS, type PriceParameters } from './price-derivation/parameters.js';
export {
  categoriesOf,
  complementsOf,
  type Neighbour,
  productsIn,
  substitutesOf,
} from './product-graph/graph-queries.js';
export {
  type EdgeAttributes,
  type EdgeType,
  type NodeAttributes,
  openProductGraph,
  type ProductGraph,
} from './product-graph/open-product-graph.js';
export { GRAPH_DEFAULTS, GRAPH_REFERENCE, type GraphParameters } from './product-graph/parameters.js';
export { type DataPipelineResult, runDataPipeline, type StepReport } from './run-data-pipeline.js';
export { parseSplitRule, type SplitRule } from './split/decide-split.js';
