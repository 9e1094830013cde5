export type { DataPipelineOptions, StageNumber } from './options.js';
export { PRICE_DEFAULTS, type PriceParameters } from './price-derivation/parameters.js';
export { GRAPH_DEFAULTS, GRAPH_REFERENCE, type GraphParameters } from './product-graph/parameters.js';
export { type DataPipelineResult, runDataPipeline, type StepReport } from './run-data-pipeline.js';
export { parseSplitRule, type SplitRule } from './split/decide-split.js';
