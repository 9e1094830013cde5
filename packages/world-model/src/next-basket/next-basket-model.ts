import * as tf from '@tensorflow/tfjs';
import { plain, recomputed } from '../gradients/recompute.js';
import { gelu, layerNorm, linear } from '../kernels/index.js';
import { impossibleClasses } from '../model/class-mask.js';
import { type DropoutSites, dropped, passSites, scopedSites } from '../model/dropout-sites.js';
import type { ForwardOptions } from '../model/forward-options.js';
import { type AuxiliaryLogits, auxiliaryHeads } from '../model/output-heads.js';
import {
  assignParameters,
  checkStateTensor,
  createParameters,
  type Parameter,
  parameterValues,
  variablesOf,
  weightsOf,
} from '../model/parameters.js';
import { positionalEncoding } from '../model/positional-encoding.js';
import { addPositions, plainTokens } from '../model/product-fusion.js';
import { repeatHead } from '../model/repeat-head.js';
import type { StateDict } from '../model/state-dict.js';
import { scoped, type Weights } from '../model/weights.js';
import { encoderLayer } from './encoder-layer.js';
import { type NextBasketConfig, resolveNextBasketConfig } from './next-basket-config.js';
import type { NextBasketInputs } from './next-basket-inputs.js';
import {
  NEXT_BASKET_POSITION_TABLE,
  type NextBasketBlock,
  nextBasketParameters,
} from './next-basket-parameters.js';

// The next-basket model (spec section 5, part 3): given a basket and the context of the customer's next trip, it gives
// every product a logit of being bought then.
//
//   B  pairs    S  positions of the earlier basket    V  classes    d  hidden width

/** What the next-basket model computes. */
export type NextBasketOutputs = {
  /** `[B, V]`; a probability only after calibration (spec section 5, 6.4). */
  readonly productLogits: tf.Tensor;
  readonly auxiliaryLogits: AuxiliaryLogits;
  /** `[B, d]`: the basket and the context. */
  readonly encoded: tf.Tensor;
  /** `[B, 1024]`: what the product logits are a linear function of. */
  readonly customerState: tf.Tensor;
};

export interface NextBasketModel {
  readonly config: NextBasketConfig;
  /** The caller disposes of the outputs. */
  readonly forward: (inputs: NextBasketInputs, options?: ForwardOptions) => NextBasketOutputs;
  /** Trainable parameters in the order of the state dict. */
  readonly parameters: () => readonly Parameter<NextBasketBlock>[];
  /** Copies of all parameters and of the stored position table. */
  readonly stateDict: () => StateDict;
  /** Replaces all values, or none if anything doesn't fit; the repeat head may be absent. */
  readonly loadStateDict: (state: StateDict) => void;
  /** Frees the variables. */
  readonly dispose: () => void;
}

const REPEAT_HEAD: ReadonlySet<string> = new Set(['repeat_head.weight', 'repeat_head.bias']);

/** The next-basket model on the current tfjs backend, its initial values drawn from `seed`. */
export function createNextBasketModel(
  options: Partial<NextBasketConfig>,
  { seed }: { readonly seed: number },
): NextBasketModel {
  const config = resolveNextBasketConfig(options);
  const { maxPositions, hiddenWidth } = config;
  const parameters = createParameters(nextBasketParameters(config), seed);
  const constant = (values: Float32Array, shape: number[]) =>
    tf.tidy(() => tf.variable(tf.tensor(values, shape), false));
  const positions = constant(positionalEncoding(maxPositions, hiddenWidth), [maxPositions, hiddenWidth]);
  const classMask =
    config.mode === 'corrected' ? constant(impossibleClasses(config), [config.classes]) : undefined;
  const network: Network = { config, parameters, weights: weightsOf(parameters), positions, classMask };
  const tableShape = [1, maxPositions, hiddenWidth];
  return {
    config,
    forward: (inputs, forwardOptions = {}) => forward(network, inputs, forwardOptions),
    parameters: () => parameters,
    stateDict: () =>
      new Map([
        ...parameterValues(parameters),
        [NEXT_BASKET_POSITION_TABLE, { shape: tableShape, data: Float32Array.from(positions.dataSync()) }],
      ]),
    loadStateDict: (state) => {
      const table = state.get(NEXT_BASKET_POSITION_TABLE);
      if (table !== undefined) checkStateTensor(NEXT_BASKET_POSITION_TABLE, table, tableShape);
      assignParameters(parameters, state, {
        optional: REPEAT_HEAD,
        foreign: new Set([...REPEAT_HEAD, NEXT_BASKET_POSITION_TABLE]),
      });
      if (table !== undefined) tf.tidy(() => positions.assign(tf.tensor(table.data, positions.shape)));
    },
    dispose: () => {
      tf.dispose(parameters.map(({ variable }) => variable));
      tf.dispose(classMask === undefined ? [positions] : [positions, classMask]);
    },
  };
}

interface Network {
  readonly config: NextBasketConfig;
  readonly parameters: readonly Parameter<NextBasketBlock>[];
  readonly weights: Weights;
  /** `[maxPositions, d]`. */
  readonly positions: tf.Variable;
  /** `[V]`: 0 for products, -1e9 for all other classes. */
  readonly classMask: tf.Variable | undefined;
}

function forward(network: Network, inputs: NextBasketInputs, options: ForwardOptions): NextBasketOutputs {
  const { config, weights, classMask } = network;
  const sites = passSites(config.dropout, options);
  const keep = options.recompute === true ? recomputed : plain;
  return tf.tidy(() => {
    const pooled = pool(encode(network, inputs, sites, keep), inputs.attentionMask); // [B, d]
    const context = linear(
      inputs.denseContext,
      weights('encoder.context_proj.weight'),
      weights('encoder.context_proj.bias'),
    ); // [B, d]
    const encoded = layerNorm(
      pooled.add(context),
      weights('encoder.norm.weight'),
      weights('encoder.norm.bias'),
    );
    const customerState = predictorLayers(encoded, scoped(weights, 'predictor.'), sites); // [B, 1024]
    const bias = weights('predictor.output_proj.bias');
    const logits = linear(
      customerState,
      weights('predictor.output_proj.weight'),
      classMask === undefined ? bias : bias.add(classMask),
    ); // [B, V]
    return {
      productLogits:
        inputs.repeats === undefined ? logits : logits.add(repeats(network, inputs.repeats, logits)),
      auxiliaryLogits: auxiliaryHeads(encoded, scoped(weights, 'predictor.')),
      encoded,
      customerState,
    };
  });
}

/** The earlier basket's items in each other's light: `[B, S, d]`. */
function encode(
  { config, weights, parameters, positions }: Network,
  { productEmbeddings, priceFeatures, attentionMask }: NextBasketInputs,
  sites: DropoutSites,
  keep: typeof plain,
): tf.Tensor {
  const items = linear(
    plainTokens(productEmbeddings, priceFeatures),
    weights('encoder.product_proj.weight'),
    weights('encoder.product_proj.bias'),
  ); // [B, S, d]
  let encoded = dropped(addPositions(items, positions), sites('pos_encoder'));
  for (let layer = 0; layer < config.encoderLayers; layer++) {
    const prefix = `encoder.transformer.layers.${layer}.`;
    encoded = keep(
      (read) =>
        encoderLayer(read('x'), scoped(weights, prefix), {
          heads: config.encoderHeads,
          valid: read('valid'),
          sites: scopedSites(sites, prefix),
        }),
      {
        inputs: { x: encoded },
        constants: { valid: attentionMask },
        parameters: variablesOf(parameters, prefix),
      },
    ); // [B, S, d]
  }
  return encoded;
}

/** Mean over valid positions; 0 for a basket without any. `[B, S, d]`, `[B, S]` -> `[B, d]`. */
function pool(tokens: tf.Tensor, valid: tf.Tensor): tf.Tensor {
  const count = valid.sum(1, true).maximum(1); // [B, 1]
  return tokens.mul(valid.expandDims(-1)).sum(1).div(count);
}

function predictorLayers(encoded: tf.Tensor, weights: Weights, sites: DropoutSites): tf.Tensor {
  const first = gelu(linear(encoded, weights('mlp.0.weight'), weights('mlp.0.bias'))); // [B, 1024]
  const second = gelu(
    linear(dropped(first, sites('predictor.mlp.0')), weights('mlp.3.weight'), weights('mlp.3.bias')),
  ); // [B, 1024]
  return dropped(second, sites('predictor.mlp.3'));
}

function repeats(
  { weights, config }: Network,
  candidates: NonNullable<NextBasketInputs['repeats']>,
  logits: tf.Tensor,
): tf.Tensor {
  const inputs = {
    repeats: candidates,
    similarBaskets: undefined,
    productBias: weights('predictor.output_proj.bias'),
  };
  return repeatHead(inputs, scoped(weights, 'repeat_head.'), logits.shape[0] ?? 0, config.classes).reshape(
    logits.shape,
  ); // [B, V]
}
