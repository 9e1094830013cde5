export {
  BASKET_FLAGS,
  type Batch,
  type BatchHistory,
  type BatchKeys,
  type BatchLabels,
  type BatchRepeats,
  type BatchSimilarBaskets,
  CORRUPTION,
  NO_POSITION,
  NO_TARGET,
  type PairBatch,
} from './batch.js';
export { type BuildTensorsOptions, buildTensors } from './build/build-tensors.js';
export {
  COLD_START_BASKETS,
  DENSE_CONTEXT_SIZE,
  DENSE_OFFSETS,
  LABEL_CLASSES,
  MASK_PROBABILITY,
  MAX_SEQUENCE_LENGTH,
  PAD_TOKEN,
  SEQUENCE_SIZE,
  TENSOR_SIZES,
} from './dimensions.js';
export { type AssembleOptions, assembleBatch } from './loader/assemble-batch.js';
export type { LoaderOptions } from './loader/batch-source.js';
export { type Loader, openLoader, openPairLoader } from './loader/open-loader.js';
export {
  type OpenTensors,
  type OpenTensorsOptions,
  openTensors,
  type PairColumns,
} from './loader/open-tensors.js';
export type {
  CustomerStates,
  ListColumn,
  NumberColumn,
  Prices,
  Products,
  Samples,
  Stores,
  TensorTables,
  VectorColumn,
} from './loader/tensor-columns.js';
export { type TensorsManifest, tensorsManifestSchema } from './schemas/manifest.js';
export { SPLITS, type SplitName } from './schemas/splits.js';
