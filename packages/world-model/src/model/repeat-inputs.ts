import * as tf from '@tensorflow/tfjs';
import type { InputChecks } from './input-checks.js';

/** Products that the customer bought before. */
export interface RepeatArrays {
  /** `[B + 1]`: basket i owns candidates `offsets[i]` up to `offsets[i + 1]`. */
  readonly offsets: Int32Array;
  /** `[C]`: class of each candidate, distinct within a basket. */
  readonly productIds: Int32Array;
  /** `[C, 3]`: ln(1 + n), n / earlier baskets, exp(-weeks since the last purchase / 4). */
  readonly features: Float32Array;
}

/** The same as tensors. */
export type RepeatTensors = {
  /** `[C]`, int32: row of the candidate's basket times V, plus its class. */
  readonly cells: tf.Tensor;
  /** `[C]`, int32: class of the candidate. */
  readonly classes: tf.Tensor;
  /** `[C, 3]`. */
  readonly features: tf.Tensor;
};

const REPEAT_FEATURES = 3;

export function repeatTensors(
  { offsets, productIds, features }: RepeatArrays,
  {
    size,
    classes,
    checks,
  }: { readonly size: number; readonly classes: number; readonly checks: InputChecks },
): RepeatTensors {
  const { expectLength, expectIndices, floats } = checks;
  expectLength('repeats.offsets', offsets, [size + 1]);
  expectLength('repeats.productIds', productIds, [offsets[size] ?? 0]);
  expectIndices('repeats.productIds', productIds, classes);
  const cells = new Int32Array(productIds.length);
  for (let basket = 0; basket < size; basket++) {
    for (let c = offsets[basket] ?? 0; c < (offsets[basket + 1] ?? 0); c++) {
      cells[c] = basket * classes + (productIds[c] ?? 0);
    }
  }
  return {
    cells: tf.tensor(cells, [cells.length], 'int32'),
    classes: tf.tensor(productIds, [productIds.length], 'int32'),
    features: floats('repeats.features', features, [productIds.length, REPEAT_FEATURES]),
  };
}
