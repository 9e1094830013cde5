import * as tf from '@tensorflow/tfjs';
import { embeddingLookup, linear, matrixMultiply } from '../kernels/index.js';
import type { Weights } from './weights.js';

/** Product and price vectors side by side, projected: `[B, S, 256 + 64]` -> `[B, S, d]` (spec section 5, 2.2 step 2). */
export function projectTokens(tokens: tf.Tensor, weights: Weights): tf.Tensor {
  return linear(tokens, weights('projection.weight'), weights('projection.bias'));
}

/** Adds rows 0..S-1 of the position table `[maxBasketLength, d]` to tokens `[B, S, d]`. */
export function addPositions(tokens: tf.Tensor, table: tf.Tensor): tf.Tensor {
  const [, positions = 0, width = 0] = tokens.shape;
  return tokens.add(table.slice([0, 0], [positions, width]));
}

/** Adds the row of each token's age in weeks, `[B, H]`, of the table `[maxHistoryAge + 1, d]` to tokens `[B, H, d]`. */
export function addAges(tokens: tf.Tensor, table: tf.Tensor, age: tf.Tensor): tf.Tensor {
  return tokens.add(embeddingLookup(table, age)); // [B, H, d]
}

/** T2 and T4 as they are: `[B, S, 256]`, `[B, S, 64]` -> `[B, S, 320]`. */
export function plainTokens(products: tf.Tensor, prices: tf.Tensor): tf.Tensor {
  return tf.concat([products, prices], -1); // [B, S, 320]
}

/**
 * T2 and T4 with the model's own MASK and EOS rows in place, whose price is zero (spec section 5, 2.8 step 1).
 * `replaced` `[B, S, 2]` has a one in column 0 at MASK and in column 1 at EOS -> `[B, S, 320]`.
 */
export function corruptedTokens(
  products: tf.Tensor,
  prices: tf.Tensor,
  replaced: tf.Tensor,
  special: { readonly mask: tf.Tensor; readonly eos: tf.Tensor },
): tf.Tensor {
  const [batch = 0, positions = 0] = products.shape;
  const kept = replaced.sum(-1, true).neg().add(1); // [B, S, 1]
  const rows = matrixMultiply(
    replaced.reshape([batch * positions, 2]),
    tf.stack([special.mask, special.eos]),
  ); // [B S, 256]
  return tf.concat([products.mul(kept).add(rows.reshape(products.shape)), prices.mul(kept)], -1); // [B, S, 320]
}
