export { describeFeatures, type FeaturesDescription } from './describe/describe-features.js';
export type { FeatureEngineeringOptions, LayerNumber } from './options.js';
export * from './price-encoding/index.js';
export {
  type FeatureEngineeringResult,
  type LayerReport,
  runFeatureEngineering,
} from './run-feature-engineering.js';
export * from './schemas/index.js';
