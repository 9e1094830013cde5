import { type InitialValues, xavierUniform, ZEROS } from '../model/initial-values.js';
import {
  linearLayer,
  matrix,
  norm,
  type ParameterEntry,
  type ParameterSpec,
  prefixed,
  vector,
} from '../model/parameter-spec.js';
import type { NextBasketConfig } from './next-basket-config.js';

/** Parts of the model whose parameters are counted apart. */
export type NextBasketBlock = 'encoder' | 'predictor' | 'repeatHead';

/** The stored position table, `[1, maxPositions, d]`: in the state dict, never trained. */
export const NEXT_BASKET_POSITION_TABLE = 'encoder.pos_encoder.pe';

/** All trainable parameters in the order of the state dict (spec section 5, 3.3); linear layers start as in PyTorch. */
export function nextBasketParameters(config: NextBasketConfig): ParameterSpec<NextBasketBlock>[] {
  const { hiddenWidth: d, predictorWidth, mode } = config;
  const layers = Array.from({ length: config.encoderLayers }, (_, layer) =>
    prefixed(`transformer.layers.${layer}.`, encoderLayerEntries(config)),
  );
  const encoder = prefixed('encoder.', [
    ...plainLinear('product_proj', config.productWidth + config.priceWidth, d),
    ...plainLinear('context_proj', config.contextWidth, d),
    ...layers.flat(),
    ...norm('norm', d),
  ]);
  const predictor = prefixed('predictor.', [
    ...plainLinear('mlp.0', d, predictorWidth),
    ...plainLinear('mlp.3', predictorWidth, predictorWidth),
    ...plainLinear('output_proj', predictorWidth, config.classes),
    ...plainLinear('basket_size_head', d, config.basketSizeClasses),
    ...plainLinear('mission_type_head', d, config.missionTypeClasses),
    ...plainLinear('mission_focus_head', d, config.missionFocusClasses),
    ...plainLinear('price_sens_head', d, config.priceSensitivityClasses),
  ]);
  const repeatHead =
    mode === 'corrected'
      ? [vector('repeat_head.weight', 3, ZEROS), vector('repeat_head.bias', 1, ZEROS)]
      : [];
  return [
    ...inBlock('encoder', encoder, mode),
    ...inBlock('predictor', predictor, mode),
    ...inBlock('repeatHead', repeatHead, mode),
  ];
}

/** The reference decays everything, the corrected mode matrices only (spec section 5, 7.2). */
function inBlock(
  block: NextBasketBlock,
  entries: readonly ParameterEntry[],
  mode: NextBasketConfig['mode'],
): ParameterSpec<NextBasketBlock>[] {
  return entries.map((entry) => ({ ...entry, block, decay: mode === 'reference' || entry.decay }));
}

function encoderLayerEntries({
  hiddenWidth: d,
  encoderFeedForwardWidth,
}: NextBasketConfig): ParameterEntry[] {
  return [
    matrix('self_attn.in_proj_weight', [3 * d, d], xavierUniform(3 * d, d)),
    vector('self_attn.in_proj_bias', 3 * d, ZEROS),
    ...linearLayer('self_attn.out_proj', [d, d], fanIn(d)),
    ...plainLinear('linear1', d, encoderFeedForwardWidth),
    ...plainLinear('linear2', encoderFeedForwardWidth, d),
    ...norm('norm1', d),
    ...norm('norm2', d),
  ];
}

function plainLinear(name: string, inputs: number, outputs: number): ParameterEntry[] {
  return linearLayer(name, [inputs, outputs], fanIn(inputs), fanIn(inputs));
}

/** U(-1/sqrt(in), 1/sqrt(in)). */
function fanIn(inputs: number): InitialValues {
  return { kind: 'uniform', bound: 1 / Math.sqrt(inputs) };
}
