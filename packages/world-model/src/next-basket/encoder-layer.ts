import * as tf from '@tensorflow/tfjs';
import { addLayerNorm, linear } from '../kernels/index.js';
import { type DropoutSites, dropped } from '../model/dropout-sites.js';
import { selfAttention } from '../model/multi-head-attention.js';
import { scoped, type Weights } from '../model/weights.js';

export interface EncoderLayerOptions {
  readonly heads: number;
  /** Tokens that may be attended, float32 `[B, S]`. A row without any attends to all alike. */
  readonly valid: tf.Tensor;
  readonly sites: DropoutSites;
}

/**
 * Post-norm Transformer layer with ReLU (spec section 5, 3.2 step 2): `x = LN1(x + SelfAttn(x))`,
 * `x = LN2(x + W2 ReLU(W1 x))`. x `[B, S, d]` -> `[B, S, d]`.
 */
export function encoderLayer(
  x: tf.Tensor,
  weights: Weights,
  { heads, valid, sites }: EncoderLayerOptions,
): tf.Tensor {
  return tf.tidy(() => {
    const options = { heads, keyValid: valid, dropout: sites('self_attn') };
    const attended = selfAttention(x, scoped(weights, 'self_attn.'), options); // [B, S, d]
    const first = addLayerNorm(
      dropped(attended, sites('dropout1')),
      x,
      weights('norm1.weight'),
      weights('norm1.bias'),
    );
    const hidden = linear(first, weights('linear1.weight'), weights('linear1.bias')).relu(); // [B, S, 2d]
    const fed = linear(dropped(hidden, sites('dropout')), weights('linear2.weight'), weights('linear2.bias')); // [B, S, d]
    return addLayerNorm(
      dropped(fed, sites('dropout2')),
      first,
      weights('norm2.weight'),
      weights('norm2.bias'),
    );
  });
}
