import * as tf from '@tensorflow/tfjs';
import type { inputChecks } from './input-checks.js';

/** Context and items of a batch as plain arrays: what the masked and the next-basket model read alike. */
export interface ItemArrays {
  /** B. */
  readonly size: number;
  /** S. */
  readonly positions: number;
  /** `[B, 400]`: T1 192, T3 64, T5 96, T6 48. */
  readonly denseContext: Float32Array;
  /** `[B, S, 256]`: T2. */
  readonly productEmbeddings: Float32Array;
  /** `[B, S, 64]`: T4. */
  readonly priceFeatures: Float32Array;
  /** `[B, S]`: 1 = item, MASK or EOS; 0 = padding. */
  readonly attentionMask: Uint8Array;
}

interface Widths {
  readonly contextWidth: number;
  readonly productWidth: number;
  readonly priceWidth: number;
}

/** The same as tensors of the current backend, the mask as float32. @throws InputError as the checks do */
export function itemTensors(
  { size, positions, denseContext, productEmbeddings, priceFeatures, attentionMask }: ItemArrays,
  { contextWidth, productWidth, priceWidth }: Widths,
  { floats, expectLength }: ReturnType<typeof inputChecks>,
) {
  expectLength('attentionMask', attentionMask, [size, positions]);
  return {
    denseContext: floats('denseContext', denseContext, [size, contextWidth]),
    productEmbeddings: floats('productEmbeddings', productEmbeddings, [size, positions, productWidth]),
    priceFeatures: floats('priceFeatures', priceFeatures, [size, positions, priceWidth]),
    attentionMask: tf.tensor(Float32Array.from(attentionMask), [size, positions]),
  };
}
