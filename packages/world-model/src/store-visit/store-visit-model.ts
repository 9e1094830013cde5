import * as tf from '@tensorflow/tfjs';
import { embeddingLookup, gelu, layerNorm, linear } from '../kernels/index.js';
import { dropped, passSites } from '../model/dropout-sites.js';
import type { ForwardOptions } from '../model/forward-options.js';
import type { InitialValues } from '../model/initial-values.js';
import { linearLayer, norm, type ParameterEntry, type ParameterSpec } from '../model/parameter-spec.js';
import {
  assignParameters,
  createParameters,
  type Parameter,
  parameterValues,
  weightsOf,
} from '../model/parameters.js';
import type { StateDict } from '../model/state-dict.js';
import type { Weights } from '../model/weights.js';
import { resolveStoreVisitConfig, type StoreVisitConfig } from './store-visit-config.js';
import type { StoreVisitInputs } from './store-visit-inputs.js';

// The store-visit model (spec section 5, part 4): which store a customer goes to next.
//
//   B  trips    S  items of the previous basket    n  stores

export interface StoreVisitModel {
  readonly config: StoreVisitConfig;
  /** Logits of all stores, `[B, n]`; the caller disposes of them. `recompute` has no effect: there is little to keep. */
  readonly forward: (inputs: StoreVisitInputs, options?: ForwardOptions) => tf.Tensor;
  /** Trainable parameters in the order of the state dict. */
  readonly parameters: () => readonly Parameter[];
  /** Copies of all parameters by their PyTorch names. */
  readonly stateDict: () => StateDict;
  /** Sets all parameters; @throws InputError for names or shapes of another model. */
  readonly loadStateDict: (state: StateDict) => void;
  /** Frees the variables. */
  readonly dispose: () => void;
}

/** The store-visit model on the current tfjs backend, its initial values drawn from `seed`. */
export function createStoreVisitModel(
  options: Partial<StoreVisitConfig>,
  { seed }: { readonly seed: number },
): StoreVisitModel {
  const config = resolveStoreVisitConfig(options);
  const parameters = createParameters(storeVisitParameters(config), seed);
  const weights = weightsOf(parameters);
  const none: ReadonlySet<string> = new Set();
  return {
    config,
    forward: (inputs, forwardOptions = {}) => forward(config, weights, inputs, forwardOptions),
    parameters: () => parameters,
    stateDict: () => parameterValues(parameters),
    loadStateDict: (state) => assignParameters(parameters, state, { optional: none, foreign: none }),
    dispose: () => tf.dispose(parameters.map(({ variable }) => variable)),
  };
}

/** All trainable parameters in the order of the state dict; linear layers start as in PyTorch, stores N(0, 1). */
export function storeVisitParameters(config: StoreVisitConfig): ParameterSpec[] {
  const { customerWidth, temporalWidth, storeWidth, basketSummaryWidth, hiddenWidth, stores } = config;
  const inputWidth = customerWidth + temporalWidth + storeWidth + basketSummaryWidth;
  const summarizer = [
    ...plainLinear('basket_summarizer.proj', config.productWidth, basketSummaryWidth),
    ...norm('basket_summarizer.norm', basketSummaryWidth),
  ];
  const layers = Array.from({ length: config.layers }, (_, layer) => [
    ...plainLinear(`mlp.${4 * layer}`, layer === 0 ? inputWidth : hiddenWidth, hiddenWidth),
    ...norm(`mlp.${4 * layer + 1}`, hiddenWidth),
  ]);
  const embeddings: ParameterEntry = {
    name: 'store_embeddings.weight',
    shape: [stores + 1, storeWidth],
    initial: { kind: 'normal', deviation: 1 },
    decay: false,
  };
  const entries = [
    ...(basketSummaryWidth === 0 ? [] : summarizer),
    ...layers.flat(),
    ...plainLinear('store_head', hiddenWidth, stores),
    embeddings,
  ];
  return entries.map((entry) => ({ ...entry, block: entry.name.split('.')[0] ?? '' }));
}

function plainLinear(name: string, inputs: number, outputs: number): ParameterEntry[] {
  const fanIn: InitialValues = { kind: 'uniform', bound: 1 / Math.sqrt(inputs) };
  return linearLayer(name, [inputs, outputs], fanIn, fanIn);
}

function forward(
  config: StoreVisitConfig,
  weights: Weights,
  inputs: StoreVisitInputs,
  options: ForwardOptions,
): tf.Tensor {
  const sites = passSites(config.dropout, options);
  return tf.tidy(() => {
    const store = embeddingLookup(weights('store_embeddings.weight'), inputs.previousStore); // [B, 96]
    const parts = [inputs.customer, inputs.temporal, store];
    const summary = config.basketSummaryWidth === 0 ? [] : [summarize(config, weights, inputs)];
    let x = tf.concat([...parts, ...summary], 1); // [B, 416]
    for (let layer = 0; layer < config.layers; layer++) {
      const [wide, normed] = [`mlp.${4 * layer}`, `mlp.${4 * layer + 1}`];
      const projected = linear(x, weights(`${wide}.weight`), weights(`${wide}.bias`)); // [B, 256]
      const hidden = gelu(layerNorm(projected, weights(`${normed}.weight`), weights(`${normed}.bias`)));
      x = dropped(hidden, sites(wide));
    }
    return linear(x, weights('store_head.weight'), weights('store_head.bias')); // [B, n]
  });
}

/** `LN(mean of the projected items)`; without a basket zeros, for an empty basket the bias of the norm: `[B, 64]`. */
function summarize(
  { basketSummaryWidth }: StoreVisitConfig,
  weights: Weights,
  { basket, customer }: StoreVisitInputs,
): tf.Tensor {
  if (basket === undefined) return tf.zeros([customer.shape[0] ?? 0, basketSummaryWidth]);
  const { productEmbeddings, valid } = basket;
  const projected = linear(
    productEmbeddings,
    weights('basket_summarizer.proj.weight'),
    weights('basket_summarizer.proj.bias'),
  ); // [B, S, 64]
  const count = valid.sum(1, true).maximum(1); // [B, 1]
  const mean = projected.mul(valid.expandDims(-1)).sum(1).div(count); // [B, 64]
  return layerNorm(mean, weights('basket_summarizer.norm.weight'), weights('basket_summarizer.norm.bias'));
}
