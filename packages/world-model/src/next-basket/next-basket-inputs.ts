import { InputError } from '@retail-sim/errors';
import type * as tf from '@tensorflow/tfjs';
import { inputChecks } from '../model/input-checks.js';
import { type ItemArrays, itemTensors } from '../model/item-inputs.js';
import { type RepeatArrays, type RepeatTensors, repeatTensors } from '../model/repeat-inputs.js';
import type { NextBasketConfig } from './next-basket-config.js';

/**
 * One batch of pairs as plain arrays: the context of the target trip (T1, T3, T5, T6) and the items of the input basket.
 * `PairBatch` of `@retail-sim/tensor-preparation` has this form.
 */
export interface NextBasketArrays extends ItemArrays {
  readonly repeats?: RepeatArrays;
}

/** The same as tensors of the current backend. */
export type NextBasketInputs = {
  /** `[B, 400]`. */
  readonly denseContext: tf.Tensor;
  /** `[B, S, 256]`. */
  readonly productEmbeddings: tf.Tensor;
  /** `[B, S, 64]`. */
  readonly priceFeatures: tf.Tensor;
  /** `[B, S]`, float32. */
  readonly attentionMask: tf.Tensor;
  readonly repeats?: RepeatTensors;
};

const checks = inputChecks('next-basket inputs');

/**
 * Tensors of a batch on the current backend, checked; the caller disposes of them.
 * @throws InputError for an array of the wrong length, a value that is not finite, or an index out of range
 */
export function nextBasketInputs(arrays: NextBasketArrays, config: NextBasketConfig): NextBasketInputs {
  const { size, positions, repeats } = arrays;
  if (size < 1 || positions < 1 || positions > config.maxPositions) {
    throw new InputError({
      what: `next-basket inputs: ${size} baskets of ${positions} positions, expected 1 or more of 1 to ${config.maxPositions}`,
      remedy: 'truncate baskets to maxPositions, or create the model with more',
    });
  }
  return {
    ...itemTensors(arrays, config, checks),
    ...(config.mode === 'corrected' && repeats !== undefined && repeats.productIds.length > 0
      ? { repeats: repeatTensors(repeats, { size, classes: config.classes, checks }) }
      : {}),
  };
}
