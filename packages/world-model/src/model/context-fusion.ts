import type * as tf from '@tensorflow/tfjs';
import { gelu, layerNorm, linear } from '../kernels/index.js';
import type { Weights } from './weights.js';

/** `GELU(LN(x Wc^T + bc))`: dense context `[B, 400]` -> context vector `[B, d]` (spec section 5, 2.2 step 1). */
export function contextFusion(denseContext: tf.Tensor, weights: Weights): tf.Tensor {
  const projected = linear(denseContext, weights('projection.weight'), weights('projection.bias')); // [B, d]
  return gelu(layerNorm(projected, weights('layer_norm.weight'), weights('layer_norm.bias')));
}
