import * as tf from '@tensorflow/tfjs';
import {
  addLayerNorm,
  causalDepthwiseConvolution,
  linear,
  selectiveScan,
  silu,
  siluGate,
  softplus,
} from '../kernels/index.js';
import { inTwo } from './split-columns.js';
import type { Weights } from './weights.js';

// Symbols (spec section 5, 2.4; Gu and Dao 2023, "Mamba", section 3.4):
//   B  batch            d  width of tokens                  u  input of the scan before convolution
//   L  tokens           E  inner width, channels            z  gate
//   N  states of each channel                               s  input of the scan
//   b, c  input and output matrix of the state space        dt step size per token and channel

/** Names of a block's parameters, without their prefix. */
export const MAMBA_PARAMETERS = [
  'A_log',
  'D',
  'in_proj.weight',
  'conv1d.weight',
  'conv1d.bias',
  'x_proj.weight',
  'dt_proj.weight',
  'dt_proj.bias',
  'out_proj.weight',
  'layer_norm.weight',
  'layer_norm.bias',
] as const;

/** Rows of a batch for which a block is recomputed at a time: its inner tensors are the most that a gradient needs. */
export const MAMBA_ROWS_AT_A_TIME = 8;

/**
 * Selective state space layer with a gate, a residual and a norm behind it: x `[B, L, d]` -> `[B, L, d]`. Causal: a token
 * never sees later ones, so padding on the right changes nothing before it. Inner scopes free what only one line reads.
 */
export function mambaBlock(x: tf.Tensor, weights: Weights): tf.Tensor {
  return tf.tidy(() => {
    const [u, z] = inTwo(() => linear(x, weights('in_proj.weight'))); // 2 x [B, L, E]
    const s = tf.tidy(() =>
      silu(causalDepthwiseConvolution(u, weights('conv1d.weight'), weights('conv1d.bias'))),
    ); // [B, L, E]
    const [b, c] = inTwo(() => linear(s, weights('x_proj.weight'))); // 2 x [B, L, N]
    const dt = tf.tidy(() => softplus(linear(s, weights('dt_proj.weight'), weights('dt_proj.bias')))); // [B, L, E]
    const y = selectiveScan({ x: s, dt, aLog: weights('A_log'), b, c, d: weights('D') }); // [B, L, E]
    const out = tf.tidy(() => linear(siluGate(y, z), weights('out_proj.weight'))); // [B, L, d]
    return addLayerNorm(out, x, weights('layer_norm.weight'), weights('layer_norm.bias'));
  });
}
