export {
  BASKET_FLAGS,
  type Batch,
  type BatchHistory,
  type BatchKeys,
  type BatchLabels,
  type BatchRepeats,
  CORRUPTION,
  NO_POSITION,
  NO_TARGET,
  type PairBatch,
} from './batch.js';
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
