// Sizes of the tensors and their places in what the model reads (spec section 4, part 2).

/** Numbers per basket (T1, T3, T5, T6) or per item (T2, T4). */
export const TENSOR_SIZES = { t1: 192, t2: 256, t3: 64, t4: 64, t5: 96, t6: 48 } as const;

/** Where each basket-level tensor starts in the dense context: T1, T3, T5, T6 in this order. */
export const DENSE_OFFSETS = { t1: 0, t3: 192, t5: 256, t6: 352 } as const;

/** T1 192 + T3 64 + T5 96 + T6 48. */
export const DENSE_CONTEXT_SIZE = 400;

/** T2 256 + T4 64, in this order. */
export const SEQUENCE_SIZE = 320;

/** Longest sequence that the model reads, the end token included: 49 items and EOS. */
export const MAX_SEQUENCE_LENGTH = 50;

/** A customer with fewer earlier baskets than this is a cold start. */
export const COLD_START_BASKETS = 5;

/** Share of a basket's items that masked training hides. */
export const MASK_PROBABILITY = 0.15;

/** Token of a padded position; product tokens start at 1. */
export const PAD_TOKEN = 0;

/** Classes of each label, class 0 = unknown (never a target). */
export const LABEL_CLASSES = {
  basketSize: 4,
  priceSensitivity: 4,
  missionType: 5,
  missionFocus: 6,
} as const;
