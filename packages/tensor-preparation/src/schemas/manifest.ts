import { z } from 'zod';
import { LABEL_CLASSES, TENSOR_SIZES } from '../dimensions.js';

/** Version of what `manifest.json` of the tensor folder says about tensors; a reader refuses another major version. */
export const TENSORS_VERSION = '1.0.0';

const count = z.int().nonnegative();
const size = (value: number) => z.literal(value);
const bySplit = <T extends z.ZodType>(value: T) => z.strictObject({ train: value, val: value, test: value });

/**
 * What a reader of the tensors needs to know: `parameters` of `manifest.json` (spec section 4, 8.4). Counts of the stage
 * stand in `counts`, files with their hashes in `outputs`.
 */
export const tensorsManifestSchema = z.strictObject({
  schemaVersion: z.string(),
  layout: z.literal('indexed'),
  dims: z.strictObject({
    t1: size(TENSOR_SIZES.t1),
    t2: size(TENSOR_SIZES.t2),
    t3: size(TENSOR_SIZES.t3),
    t4: size(TENSOR_SIZES.t4),
    t5: size(TENSOR_SIZES.t5),
    t6: size(TENSOR_SIZES.t6),
    dense: size(400),
    sequence: size(320),
  }),
  dtype: z.literal('float32'),
  maxSeqLen: z.int().min(2).max(255),
  maskProb: z.number().min(0).max(1),
  coldStartThreshold: count,
  vocab: z.strictObject({
    size: count,
    products: count,
    pad: z.literal(0),
    mask: count,
    eos: count,
    /** Hash of the product codes in token order, one a line. */
    sha256: z.string().length(64),
  }),
  /** Classes of each label, class 0 (`ignore`) = unknown. */
  labels: z.strictObject({
    type: size(LABEL_CLASSES.missionType),
    focus: size(LABEL_CLASSES.missionFocus),
    sensitivity: size(LABEL_CLASSES.priceSensitivity),
    size: size(LABEL_CLASSES.basketSize),
    ignore: z.literal(0),
  }),
  calendar: z.strictObject({
    firstWeek: z.int(),
    lastWeek: z.int(),
    firstIndex: z.int(),
    lastIndex: z.int(),
    missing: z.array(z.int()),
    holidays: z.string(),
  }),
  split: z.strictObject({
    rule: z.string(),
    granularity: z.enum(['week', 'day', 'hour', 'basket']),
    trainEndWeek: z.int(),
    valEndWeek: z.int(),
    fitThroughWeek: z.int(),
    shares: bySplit(z.number()),
    /** basket_row of the first basket of each split. */
    firstRow: bySplit(count),
    baskets: bySplit(count),
    pairs: bySplit(count),
  }),
  t6: z.enum(['prior', 'observed', 'none']),
  t2PositionEncoding: z.boolean(),
  longBaskets: z.enum(['truncate', 'skip']),
  /** Class shares of the train split, `[15]`: the expectation of a trip of whom nothing is known. */
  trainShares: z.array(z.number()).length(15),
  /** Mean and standard deviation of each number of T1 and T4 in the train split. */
  stats: z.strictObject({
    t1: z.strictObject({ mean: z.array(z.number()), std: z.array(z.number()) }),
    t4: z.strictObject({ mean: z.array(z.number()), std: z.array(z.number()) }),
  }),
});

export type TensorsManifest = z.infer<typeof tensorsManifestSchema>;
