import * as tf from '@tensorflow/tfjs';
import { type AttentionOptions, linear, scaledDotProductAttention } from '../kernels/index.js';
import { inThree, inTwo, rowsInTwo } from './split-columns.js';
import type { Weights } from './weights.js';

// Parameters: in_proj_weight [3d, d] and in_proj_bias [3d] hold query, key and value in this order; out_proj [d, d].

/** Attention of tokens `[B, L, d]` among themselves -> `[B, L, d]`. */
export function selfAttention(x: tf.Tensor, weights: Weights, options: AttentionOptions): tf.Tensor {
  return tf.tidy(() => {
    const [query, key, value] = inThree(() => linear(x, weights('in_proj_weight'), weights('in_proj_bias'))); // 3 x [B, L, d]
    return project(scaledDotProductAttention(query, key, value, options), weights);
  });
}

/** Attention of tokens `[B, Lq, d]` to a source `[B, Lk, d]` -> `[B, Lq, d]`. */
export function crossAttention(
  x: tf.Tensor,
  source: tf.Tensor,
  weights: Weights,
  options: AttentionOptions,
): tf.Tensor {
  return tf.tidy(() => {
    const width = x.shape.at(-1) ?? 0;
    const [queryWeight, sourceWeight] = rowsInTwo(weights('in_proj_weight'), width); // [d, d], [2d, d]
    const [queryBias, sourceBias] = rowsInTwo(weights('in_proj_bias'), width); // [d], [2d]
    const query = linear(x, queryWeight, queryBias); // [B, Lq, d]
    const [key, value] = inTwo(() => linear(source, sourceWeight, sourceBias)); // 2 x [B, Lk, d]
    return project(scaledDotProductAttention(query, key, value, options), weights);
  });
}

function project(attended: tf.Tensor, weights: Weights): tf.Tensor {
  return linear(attended, weights('out_proj.weight'), weights('out_proj.bias')); // [B, L, d]
}
