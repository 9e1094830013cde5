import type * as tf from '@tensorflow/tfjs';
import { gatherSteps, gelu, layerNorm, linear } from '../kernels/index.js';
import type { Weights } from './weights.js';

/** Logits of the basket as a whole; class 0 is unknown. */
export type AuxiliaryLogits = {
  /** `[B, 4]`. */
  readonly basketSize: tf.Tensor;
  /** `[B, 4]`. */
  readonly priceSensitivity: tf.Tensor;
  /** `[B, 5]`. */
  readonly missionType: tf.Tensor;
  /** `[B, 6]`. */
  readonly missionFocus: tf.Tensor;
};

/** The decoder's tokens at masked positions: `[B, S + 1, d]`, int32 `[B, M]` in 0..S-1 -> `[B, M, d]`. */
export function maskedTokens(decoded: tf.Tensor, positions: tf.Tensor): tf.Tensor {
  return gatherSteps(decoded, positions.add(1).toInt()); // the context token comes first
}

/**
 * `Linear(LN(GELU(Linear(r))))`: r `[B, M, d]` -> `[B, M, V]`. `classMask` `[V]`, 0 or -1e9, is added to the logits.
 */
export function productHead(r: tf.Tensor, weights: Weights, classMask?: tf.Tensor): tf.Tensor {
  const hidden = gelu(linear(r, weights('0.weight'), weights('0.bias'))); // [B, M, d]
  const normed = layerNorm(hidden, weights('2.weight'), weights('2.bias'));
  const bias = weights('3.bias');
  return linear(normed, weights('3.weight'), classMask === undefined ? bias : bias.add(classMask)); // [B, M, V]
}

/** Four linear heads on the context token `[B, d]`. */
export function auxiliaryHeads(context: tf.Tensor, weights: Weights): AuxiliaryLogits {
  const head = (name: string) => linear(context, weights(`${name}.weight`), weights(`${name}.bias`));
  return {
    basketSize: head('basket_size_head'),
    priceSensitivity: head('price_sens_head'),
    missionType: head('mission_type_head'),
    missionFocus: head('mission_focus_head'),
  };
}
