import * as tf from '@tensorflow/tfjs';
import { gelu, layerNorm, linear } from '../kernels/index.js';
import { type DropoutSites, dropped } from './dropout-sites.js';
import { crossAttention, selfAttention } from './multi-head-attention.js';
import { scoped, type Weights } from './weights.js';

/** Names of a layer's parameters, without their prefix. */
export const DECODER_PARAMETERS = [
  ...['self_attn', 'cross_attn'].flatMap((attention) => [
    `${attention}.in_proj_weight`,
    `${attention}.in_proj_bias`,
    `${attention}.out_proj.weight`,
    `${attention}.out_proj.bias`,
    `${attention}_norm.weight`,
    `${attention}_norm.bias`,
  ]),
  ...['ffn.0', 'ffn.3', 'ffn_norm'].flatMap((part) => [`${part}.weight`, `${part}.bias`]),
];

export interface DecoderLayerOptions {
  readonly heads: number;
  /** Self-attention sees earlier tokens and itself only. */
  readonly causal: boolean;
  /** Tokens that self-attention may see, float32 `[B, L]`: 1 keep, 0 ignore. Absent: all. */
  readonly selfValid?: tf.Tensor;
  /** Encoded tokens that cross-attention may see, float32 `[B, Lk]`. */
  readonly encodedValid: tf.Tensor;
  readonly sites: DropoutSites;
}

/**
 * Pre-norm Transformer layer (spec section 5, 2.5): self-attention, attention to the encoder's output, which is not
 * normalised, and a feed-forward part, each added to its input. x `[B, L, d]`, encoded `[B, Lk, d]` -> `[B, L, d]`.
 */
export function decoderLayer(
  x: tf.Tensor,
  encoded: tf.Tensor,
  weights: Weights,
  options: DecoderLayerOptions,
): tf.Tensor {
  return tf.tidy(() =>
    decoderFeedForward(decoderAttention(x, encoded, weights, options), weights, options.sites),
  );
}

/** The first two parts of a layer, to the tokens themselves and to the encoder's output: `[B, L, d]` -> `[B, L, d]`. */
export function decoderAttention(
  x: tf.Tensor,
  encoded: tf.Tensor,
  weights: Weights,
  { heads, causal, selfValid, encodedValid, sites }: DecoderLayerOptions,
): tf.Tensor {
  return tf.tidy(() => {
    const afterSelf = tf.tidy(() => {
      const among = selfAttention(normed('self_attn_norm', x, weights), scoped(weights, 'self_attn.'), {
        heads,
        causal,
        dropout: sites('self_attn'),
        ...(selfValid === undefined ? {} : { keyValid: selfValid }),
      });
      return x.add(among); // [B, L, d]
    });
    const asked = normed('cross_attn_norm', afterSelf, weights); // [B, L, d]
    const across = crossAttention(asked, encoded, scoped(weights, 'cross_attn.'), {
      heads,
      dropout: sites('cross_attn'),
      keyValid: encodedValid,
    });
    return afterSelf.add(across); // [B, L, d]
  });
}

/** The last part of a layer: `[B, L, d]` -> `[B, L, d]`. */
export function decoderFeedForward(x: tf.Tensor, weights: Weights, sites: DropoutSites): tf.Tensor {
  return tf.tidy(() => {
    const hidden = tf.tidy(() => {
      const wide = linear(normed('ffn_norm', x, weights), weights('ffn.0.weight'), weights('ffn.0.bias'));
      return dropped(gelu(wide), sites('ffn.0')); // [B, L, 4d]
    });
    const fed = linear(hidden, weights('ffn.3.weight'), weights('ffn.3.bias')); // [B, L, d]
    return x.add(dropped(fed, sites('ffn.3')));
  });
}

function normed(name: string, tokens: tf.Tensor, weights: Weights): tf.Tensor {
  return layerNorm(tokens, weights(`${name}.weight`), weights(`${name}.bias`));
}
