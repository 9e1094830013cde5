import type { WorldModelTargets } from '../losses/world-model-loss.js';
import type { StateDict } from '../model/state-dict.js';
import type { WorldModelOptions } from '../model/world-model-config.js';
import type { WorldModelArrays } from '../model/world-model-inputs.js';
import type { GoldenCase } from './golden-case.js';

// The golden cases of the masked world model in the terms of the package.

/** Configuration of a case; sizes that the case doesn't state are the published ones. */
export function goldenOptions(golden: GoldenCase): WorldModelOptions {
  const { size } = golden;
  return {
    modelWidth: size('d_model'),
    contextWidth: size('d_context'),
    productWidth: size('d_product'),
    priceWidth: size('d_price'),
    stateSize: size('mamba_state_size'),
    convolutionTaps: size('mamba_conv_kernel'),
    encoderLayers: size('mamba_num_layers'),
    expansion: size('mamba_expand'),
    decoderLayers: size('decoder_num_layers'),
    decoderHeads: size('decoder_num_heads'),
    feedForwardWidth: size('decoder_d_ff'),
    classes: size('n_products'),
    maxBasketLength: size('max_basket_len'),
  };
}

/** Weights of a case by their names in the state dict. */
export function goldenState(golden: GoldenCase): StateDict {
  return new Map(
    golden.names('weight').map((name) => {
      const { shape, values } = golden.tensor(name);
      return [name, { shape, data: Float32Array.from(values) }];
    }),
  );
}

/** Inputs and targets of a case. */
export function goldenBatch(golden: GoldenCase): WorldModelArrays & WorldModelTargets {
  const { size, floats, integers } = golden;
  const hasHistory = golden.names('input').includes('history_tokens');
  return {
    size: size('B'),
    positions: size('S'),
    maskedLength: size('M'),
    denseContext: floats('dense_context'),
    productEmbeddings: floats('product_embeddings'),
    priceFeatures: floats('price_features'),
    attentionMask: Uint8Array.from(integers('attention_mask')),
    maskedPositions: integers('masked_positions'),
    maskedTargets: integers('masked_targets'),
    productIds: integers('product_ids'),
    labels: {
      basketSize: integers('label.basket_size'),
      priceSensitivity: integers('label.price_sensitivity'),
      missionType: integers('label.mission_type'),
      missionFocus: integers('label.mission_focus'),
    },
    ...(hasHistory
      ? {
          corruption: Uint8Array.from(integers('corruption')),
          history: {
            length: size('H'),
            tokens: floats('history_tokens'),
            valid: Uint8Array.from(integers('history_valid')),
            age: integers('history_age_weeks'),
          },
        }
      : {}),
  };
}
