import * as tf from '@tensorflow/tfjs';
import { inputChecks } from '../model/input-checks.js';
import type { StoreVisitConfig } from './store-visit-config.js';

/** One batch of trips as plain arrays. */
export interface StoreVisitArrays {
  /** B. */
  readonly size: number;
  /** `[B, 192]`: T1. */
  readonly customer: Float32Array;
  /** `[B, 64]`: T3 of the trip whose store is asked for. */
  readonly temporal: Float32Array;
  /** `[B]`: index of the previous store, 0..n-1; n is unknown. */
  readonly previousStore: Int32Array;
  /** The previous basket; absent, its summary is zero. */
  readonly basket?: {
    /** S. */
    readonly positions: number;
    /** `[B, S, 256]`: T2, no end token. */
    readonly productEmbeddings: Float32Array;
    /** `[B, S]`: 1 = item, 0 = padding. */
    readonly valid: Uint8Array;
  };
}

/** The same as tensors of the current backend. */
export type StoreVisitInputs = {
  /** `[B, 192]`. */
  readonly customer: tf.Tensor;
  /** `[B, 64]`. */
  readonly temporal: tf.Tensor;
  /** `[B]`, int32. */
  readonly previousStore: tf.Tensor;
  readonly basket?: {
    /** `[B, S, 256]`. */
    readonly productEmbeddings: tf.Tensor;
    /** `[B, S]`, float32. */
    readonly valid: tf.Tensor;
  };
};

const { floats, expectLength, expectIndices } = inputChecks('store-visit inputs');

/**
 * Tensors of a batch on the current backend, checked; the caller disposes of them.
 * @throws InputError for an array of the wrong length, a value that is not finite, or a store out of range
 */
export function storeVisitInputs(arrays: StoreVisitArrays, config: StoreVisitConfig): StoreVisitInputs {
  const { size, previousStore, basket } = arrays;
  expectLength('previousStore', previousStore, [size]);
  expectIndices('previousStore', previousStore, config.stores + 1);
  if (basket !== undefined) expectLength('basket.valid', basket.valid, [size, basket.positions]);
  return {
    customer: floats('customer', arrays.customer, [size, config.customerWidth]),
    temporal: floats('temporal', arrays.temporal, [size, config.temporalWidth]),
    previousStore: tf.tensor(previousStore, [size], 'int32'),
    ...(basket === undefined || config.basketSummaryWidth === 0
      ? {}
      : {
          basket: {
            productEmbeddings: floats('basket.productEmbeddings', basket.productEmbeddings, [
              size,
              basket.positions,
              config.productWidth,
            ]),
            valid: tf.tensor(Float32Array.from(basket.valid), [size, basket.positions]),
          },
        }),
  };
}
