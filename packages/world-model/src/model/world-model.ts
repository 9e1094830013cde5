import { InputError } from '@retail-sim/errors';
import * as tf from '@tensorflow/tfjs';
import { plain, recomputed } from '../gradients/recompute.js';
import { layerNorm } from '../kernels/index.js';
import { impossibleClasses } from './class-mask.js';
import { contextFusion } from './context-fusion.js';
import { decoderLayer } from './decoder-layer.js';
import { type DropoutSites, dropped, passSites, scopedSites } from './dropout-sites.js';
import type { ForwardOptions } from './forward-options.js';
import { checkShapes } from './input-shapes.js';
import { mambaBlock } from './mamba-block.js';
import { type AuxiliaryLogits, auxiliaryHeads, maskedTokens, productHead } from './output-heads.js';
import { type ModelBlock, POSITION_TABLE, parameterList } from './parameter-list.js';
import {
  assignParameters,
  checkStateTensor,
  createParameters,
  type Parameter,
  parameterValues,
  variablesOf,
  weightsOf,
} from './parameters.js';
import { positionalEncoding } from './positional-encoding.js';
import { addAges, addPositions, corruptedTokens, plainTokens, projectTokens } from './product-fusion.js';
import { repeatHead } from './repeat-head.js';
import type { StateDict } from './state-dict.js';
import { scoped, type Weights } from './weights.js';
import {
  resolveWorldModelConfig,
  type WorldModelConfig,
  type WorldModelOptions,
} from './world-model-config.js';
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

export interface WorldModel {
  readonly config: WorldModelConfig;
  /** The caller disposes of the outputs. */
  readonly forward: (inputs: WorldModelInputs, options?: ForwardOptions) => WorldModelOutputs;
  /** Trainable parameters in the order of the state dict. */
  readonly parameters: () => readonly Parameter<ModelBlock>[];
  /** Trainable elements, in all and by block. */
  readonly parameterCount: () => ParameterCount;
  /** Copies of all parameters and of the stored position table. */
  readonly stateDict: () => StateDict;
  /**
   * Replaces all values, or none if anything doesn't fit. Weights of the reference load in either mode: parameters that
   * it lacks keep their initial values.
   */
  readonly loadStateDict: (state: StateDict) => void;
  /** Frees all variables. */
  readonly dispose: () => void;
}

export interface ParameterCount {
  readonly total: number;
  readonly blocks: Readonly<Record<ModelBlock, number>>;
}

export interface CreateWorldModelOptions {
  /** Seed of the initial values. */
  readonly seed: number;
  /** First values of the model's own MASK and EOS rows, `[256]` each; small random numbers otherwise. */
  readonly specialEmbeddings?: { readonly mask: Float32Array; readonly eos: Float32Array };
}

/** Added in corrected mode: a state dict may lack them, or hold them in vain. */
const ADDED_PARAMETERS: ReadonlySet<string> = new Set([
  'mask_embedding',
  'eos_embedding',
  'repeat_head.weight',
  'repeat_head.bias',
  'repeat_head.similarity.weight',
  'repeat_head.similarity.scale',
  'repeat_head.similarity.popularity',
]);

/** The masked world model on the current tfjs backend. */
export function createWorldModel(options: WorldModelOptions, create: CreateWorldModelOptions): WorldModel {
  const config = resolveWorldModelConfig(options);
  const parameters = createParameters(parameterList(config), create.seed, specialRows(config, create));
  const tables = createTables(config);
  const network: Network = { config, parameters, weights: weightsOf(parameters), tables };
  return {
    config,
    forward: (inputs, forwardOptions = {}) => forward(network, inputs, forwardOptions),
    parameters: () => parameters,
    parameterCount: () => countParameters(parameters),
    stateDict: () => {
      const positions = {
        shape: tables.positions.shape,
        data: Float32Array.from(tables.positions.dataSync()),
      };
      return new Map([...parameterValues(parameters), [POSITION_TABLE, positions]]);
    },
    loadStateDict: (state) => {
      const positions = state.get(POSITION_TABLE);
      if (positions !== undefined) checkStateTensor(POSITION_TABLE, positions, tables.positions.shape);
      assignParameters(parameters, state, {
        optional: ADDED_PARAMETERS,
        foreign: new Set([...ADDED_PARAMETERS, POSITION_TABLE]),
      });
      if (positions !== undefined) {
        tf.tidy(() => tables.positions.assign(tf.tensor(positions.data, tables.positions.shape)));
      }
    },
    dispose: () => {
      tf.dispose(parameters.map(({ variable }) => variable));
      tf.dispose([
        tables.positions,
        tables.ages,
        ...(tables.classMask === undefined ? [] : [tables.classMask]),
      ]);
    },
  };
}

interface Network {
  readonly config: WorldModelConfig;
  readonly parameters: readonly Parameter<ModelBlock>[];
  readonly weights: Weights;
  readonly tables: Tables;
}

/** What the model reads but never trains. */
interface Tables {
  /** `[maxBasketLength, d]`. */
  readonly positions: tf.Variable;
  /** `[maxHistoryAge + 1, d]`. */
  readonly ages: tf.Variable;
  /** `[V]`: 0 for products, -1e9 for all other classes. */
  readonly classMask: tf.Variable | undefined;
}

function createTables({
  maxBasketLength,
  maxHistoryAge,
  modelWidth,
  classes,
  products,
  switches,
}: WorldModelConfig): Tables {
  const table = (values: Float32Array, shape: number[]) =>
    tf.tidy(() => tf.variable(tf.tensor(values, shape), false));
  const encoding = (rows: number) => table(positionalEncoding(rows, modelWidth), [rows, modelWidth]);
  return {
    positions: encoding(maxBasketLength),
    ages: encoding(maxHistoryAge + 1),
    classMask: switches.classMask ? table(impossibleClasses({ classes, products }), [classes]) : undefined,
  };
}

function specialRows(
  { productWidth }: WorldModelConfig,
  { specialEmbeddings }: CreateWorldModelOptions,
): Readonly<Record<string, Float32Array>> {
  if (specialEmbeddings === undefined) return {};
  const { mask, eos } = specialEmbeddings;
  if (mask.length !== productWidth || eos.length !== productWidth) {
    throw new InputError({
      what: `special embeddings have ${mask.length} and ${eos.length} values, expected ${productWidth} each`,
      remedy: 'pass the MASK and EOS rows of the product table',
    });
  }
  return { mask_embedding: mask, eos_embedding: eos };
}

function countParameters(parameters: readonly Parameter<ModelBlock>[]): ParameterCount {
  const blocks: Record<ModelBlock, number> = {
    contextFusion: 0,
    productFusion: 0,
    encoder: 0,
    decoder: 0,
    outputHeads: 0,
    specialEmbeddings: 0,
    repeatHead: 0,
  };
  for (const { block, variable } of parameters) blocks[block] += variable.size;
  return { total: Object.values(blocks).reduce((sum, count) => sum + count, 0), blocks };
}

function forward(network: Network, inputs: WorldModelInputs, options: ForwardOptions): WorldModelOutputs {
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
function fusedBasket({ config, tables, sites }: Pass, tokens: tf.Tensor): tf.Tensor {
  const placed =
    config.switches.positionEncoding === 'none' ? tokens : addPositions(tokens, tables.positions);
  return dropped(placed, sites('product_fusion'));
}

interface EncoderSource {
  /** `[B, 1 + H, d]`, the context first. */
  readonly tokens: tf.Tensor;
  /** `[B, 1 + H]`. */
  readonly valid: tf.Tensor;
}

/** What the encoder reads (spec section 5, 2.2 step 3 and 2.8 step 3). */
function encoderSource(
  { config, weights, tables, sites }: Pass,
  { history, attentionMask }: WorldModelInputs,
  context: tf.Tensor,
  decoderInput: tf.Tensor,
): EncoderSource {
  const { encoderSource: source } = config.switches;
  if (source === 'basket') return { tokens: decoderInput, valid: withContext(attentionMask) };
  if (source === 'context-only' || history === undefined) {
    return { tokens: context, valid: tf.ones([context.shape[0] ?? 0, 1]) };
  }
  const projected = projectTokens(history.tokens, scoped(weights, 'product_fusion.')); // [B, H, d]
  const aged = dropped(addAges(projected, tables.ages, history.age), sites('history_fusion'));
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
    decoded = keep(
      (read) =>
        decoderLayer(read('x'), read('encoded'), scoped(weights, prefix), {
          heads: config.decoderHeads,
          causal,
          sites: scopedSites(sites, prefix),
          encodedValid: read('encodedValid'),
          ...(causal ? {} : { selfValid: read('selfValid') }),
        }),
      {
        inputs: { x: decoded, encoded },
        constants: { selfValid, encodedValid },
        parameters: variablesOf(parameters, prefix),
      },
    ); // [B, 1 + S, d]
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
