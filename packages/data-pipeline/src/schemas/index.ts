export { checkRowLimit } from './check-row-limit.js';
export { customerMissionPatterns, customerMissionPatternsWeekly } from './customer-mission-patterns.js';
export { customerStoreAffinity, customerStoreAffinityWeekly } from './customer-store-affinity.js';
export { priceFallbacksP, priceFallbacksPrw, priceFallbacksPs, pricesDerived } from './prices.js';
export { productGraphEdges, productGraphNodes } from './product-graph.js';
export { readSplit } from './read-split.js';
export { SPLIT_FILE, type Split, splitSchema } from './split.js';
export {
  baskets,
  calendar,
  customers,
  labels,
  products,
  rejects,
  stores,
  transactions,
} from './transactions.js';
