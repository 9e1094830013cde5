import * as tf from '@tensorflow/tfjs';
import { plain, recomputed } from '../gradients/recompute.js';
import { layerNorm } from '../kernels/index.js';
import { contextFusion } from './context-fusion.js';
import { decoderAttention, decoderFeedForward } from './decoder-layer.js';
import { type DropoutSites, dropped, passSites, scopedSites } from './dropout-sites.js';
import type { ForwardOptions } from './forward-options.js';
import { checkShapes } from './input-shapes.js';
import { MAMBA_ROWS_AT_A_TIME, mambaBlock } from './mamba-block.js';
import { type AuxiliaryLogits, auxiliaryHeads, maskedTokens, productHead } from './output-heads.js';
import type { ModelBlock } from './parameter-list.js';
import { type Parameter, variablesOf } from './parameters.js';
import { addAges, addPositions, corruptedTokens, plainTokens, projectTokens } from './product-fusion.js';
import { repeatHead } from './repeat-head.js';
import { scoped, type Weights } from './weights.js';
import type { WorldModelConfig } from './world-model-config.js';
import type { WorldModelInputs } from './world-model-inputs.js';

// The masked world model (spec section 5, part 2): given a customer's context and history, and a basket of which some
// items are hidden, it predicts the hidden products and four properties of the basket.
//
//   B  baskets    S  positions of the basket    M  masked positions    H  earlier baskets    V  classes    d  model width

/** What the masked world model computes. */
export type WorldModelOutputs = {
  /** `[B, M, V]`; without masked positions `[B, S + 1, V]`, the context's place first. */
  readonly productLogits: tf.Tensor;
  readonly auxiliaryLogits: AuxiliaryLogits;
  /** `[B, 1 + H, d]`: the context, then what the encoder read: history, or with source `basket` S positions. */
  readonly encoderOutput: tf.Tensor;
  /** `[B, 1 + S, d]`: the context, then the basket. */
  readonly decoderOutput: tf.Tensor;
  /** `[B, S, d]`: projected product tokens, before position encoding and encoder. */
  readonly productTokens: tf.Tensor;
};

/** A model's parameters and tables. */
export interface Network {
  readonly config: WorldModelConfig;
  readonly parameters: readonly Parameter<ModelBlock>[];
  readonly weights: Weights;
  readonly tables: Tables;
}

/** What the model reads but never trains. */
export interface Tables {
  /** `[maxBasketLength, d]`. */
  readonly positions: tf.Variable;
  /** `[maxHistoryAge + 1, d]`. */
  readonly ages: tf.Variable;
  /** `[V]`: 0 for products, -1e9 for all other classes. */
  readonly classMask: tf.Variable | undefined;
}

/** One pass over a batch. */
export function forwardPass(
  network: Network,
  inputs: WorldModelInputs,
  options: ForwardOptions,
): WorldModelOutputs {
  checkShapes(inputs, network.config);
  const pass: Pass = {
    ...network,
    sites: passSites(network.config.dropout, options),
    keep: options.recompute === true ? recomputed : plain,
  };
  return tf.tidy(() => {
    const { weights } = pass;
    const context = contextFusion(inputs.denseContext, scoped(weights, 'context_fusion.')).expandDims(1); // [B, 1, d]
    const productTokens = projectTokens(basketTokens(pass, inputs), scoped(weights, 'product_fusion.')); // [B, S, d]
    const basket = fusedBasket(pass, productTokens); // [B, S, d]
    const decoderInput = tf.concat([context, basket], 1); // [B, 1 + S, d]
    const source = encoderSource(pass, inputs, context, decoderInput);

    const encoderOutput = encode(pass, source.tokens); // [B, 1 + H, d]
    const decoded = decode(pass, decoderInput, encoderOutput, {
      selfValid: withContext(inputs.attentionMask),
      encodedValid: source.valid,
    }); // [B, 1 + S, d]
    return { ...heads(pass, inputs, decoded), encoderOutput, decoderOutput: decoded, productTokens };
  });
}

interface Pass extends Network {
  readonly sites: DropoutSites;
  /** Runs a layer and keeps what its gradient needs, or only what it reads. */
  readonly keep: typeof plain;
}

/** T2 and T4 of the basket, hidden items replaced: `[B, S, 256 + 64]`. */
function basketTokens({ config, weights }: Pass, inputs: WorldModelInputs): tf.Tensor {
  const { productEmbeddings, priceFeatures, replaced } = inputs;
  if (config.switches.inputCorruption === 'none' || replaced === undefined) {
    return plainTokens(productEmbeddings, priceFeatures);
  }
  const special = { mask: weights('mask_embedding'), eos: weights('eos_embedding') };
  return corruptedTokens(productEmbeddings, priceFeatures, replaced, special);
}

/** Positions added, then dropout: `[B, S, d]` -> `[B, S, d]`. */
function fusedBasket({ config, tables, sites, keep }: Pass, tokens: tf.Tensor): tf.Tensor {
  const place = (x: tf.Tensor) =>
    config.switches.positionEncoding === 'none' ? x : addPositions(x, tables.positions);
  return keep((read) => dropped(place(read('tokens')), sites('product_fusion')), {
    inputs: { tokens },
    parameters: [],
  });
}

interface EncoderSource {
  /** `[B, 1 + H, d]`, the context first. */
  readonly tokens: tf.Tensor;
  /** `[B, 1 + H]`. */
  readonly valid: tf.Tensor;
}

/** What the encoder reads (spec section 5, 2.2 step 3 and 2.8 step 3). */
function encoderSource(
  { config, weights, parameters, tables, sites, keep }: Pass,
  { history, attentionMask }: WorldModelInputs,
  context: tf.Tensor,
  decoderInput: tf.Tensor,
): EncoderSource {
  const { encoderSource: source } = config.switches;
  if (source === 'basket') return { tokens: decoderInput, valid: withContext(attentionMask) };
  if (source === 'context-only' || history === undefined) {
    return { tokens: context, valid: tf.ones([context.shape[0] ?? 0, 1]) };
  }
  const aged = keep(
    (read) => {
      const projected = projectTokens(read('tokens'), scoped(weights, 'product_fusion.')); // [B, H, d]
      return dropped(addAges(projected, tables.ages, read('age')), sites('history_fusion'));
    },
    {
      inputs: {},
      constants: { tokens: history.tokens, age: history.age },
      parameters: variablesOf(parameters, 'product_fusion.'),
    },
  ); // [B, H, d]
  return { tokens: tf.concat([context, aged], 1), valid: withContext(history.valid) };
}

/** A mask `[B, L]` with a one in front for the context: `[B, 1 + L]`. */
function withContext(valid: tf.Tensor): tf.Tensor {
  return tf.concat([tf.ones([valid.shape[0] ?? 0, 1]), valid], 1);
}

function encode({ config, weights, parameters, keep }: Pass, tokens: tf.Tensor): tf.Tensor {
  let encoded = tokens;
  for (let layer = 0; layer < config.encoderLayers; layer++) {
    const prefix = `encoder.layers.${layer}.`;
    encoded = keep((read) => mambaBlock(read('x'), scoped(weights, prefix)), {
      inputs: { x: encoded },
      parameters: variablesOf(parameters, prefix),
      rowsAtATime: MAMBA_ROWS_AT_A_TIME,
    }); // [B, 1 + H, d]
  }
  return encoded;
}

interface DecoderMasks {
  /** `[B, 1 + S]`; causal self-attention does without. */
  readonly selfValid: tf.Tensor;
  /** `[B, 1 + H]`. */
  readonly encodedValid: tf.Tensor;
}

function decode(
  { config, weights, parameters, sites, keep }: Pass,
  tokens: tf.Tensor,
  encoded: tf.Tensor,
  { selfValid, encodedValid }: DecoderMasks,
): tf.Tensor {
  const causal = config.switches.decoderAttention === 'causal';
  let decoded = tokens;
  for (let layer = 0; layer < config.decoderLayers; layer++) {
    const prefix = `decoder.layers.${layer}.`;
    const layerWeights = scoped(weights, prefix);
    const layerSites = scopedSites(sites, prefix);
    // Kept apart, so that a gradient never needs the inner tensors of both.
    const attended = keep(
      (read) =>
        decoderAttention(read('x'), read('encoded'), layerWeights, {
          heads: config.decoderHeads,
          causal,
          sites: layerSites,
          encodedValid: read('encodedValid'),
          ...(causal ? {} : { selfValid: read('selfValid') }),
        }),
      {
        inputs: { x: decoded, encoded },
        constants: { selfValid, encodedValid },
        parameters: ['self_attn', 'cross_attn'].flatMap((part) => variablesOf(parameters, prefix + part)),
      },
    ); // [B, 1 + S, d]
    decoded = keep((read) => decoderFeedForward(read('x'), layerWeights, layerSites), {
      inputs: { x: attended },
      parameters: variablesOf(parameters, `${prefix}ffn`),
    }); // [B, 1 + S, d]
  }
  return decoded;
}

function heads(
  { config, weights, tables }: Pass,
  { maskedPositions, repeats, similarBaskets }: WorldModelInputs,
  decoded: tf.Tensor,
): Pick<WorldModelOutputs, 'productLogits' | 'auxiliaryLogits'> {
  const [batch = 0, , width = 0] = decoded.shape;
  const normed = config.switches.finalNorm
    ? layerNorm(decoded, weights('final_norm.weight'), weights('final_norm.bias'))
    : decoded;
  const asked = maskedPositions === undefined ? normed : maskedTokens(normed, maskedPositions); // [B, M, d]
  const logits = productHead(asked, scoped(weights, 'output_heads.product_head.'), tables.classMask); // [B, M, V]
  const context = normed.slice([0, 0, 0], [batch, 1, width]).reshape([batch, width]); // [B, d]
  return {
    productLogits:
      repeats === undefined || !config.switches.repeatHead
        ? logits
        : logits.add(
            repeatHead(
              { repeats, similarBaskets, productBias: weights('output_heads.product_head.3.bias') },
              scoped(weights, 'repeat_head.'),
              batch,
              config.classes,
            ),
          ),
    auxiliaryLogits: auxiliaryHeads(context, scoped(weights, 'output_heads.')),
  };
}
