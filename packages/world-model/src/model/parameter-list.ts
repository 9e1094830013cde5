import { type InitialValues, LINEAR_NORMAL, ONES, xavierUniform, ZEROS } from './initial-values.js';
import {
  linearLayer,
  matrix,
  norm,
  type ParameterEntry,
  type ParameterSpec,
  prefixed,
  vector,
} from './parameter-spec.js';
import { SIMILARITY_FEATURES } from './similar-baskets.js';
import { innerWidth, sequenceWidth, type WorldModelConfig } from './world-model-config.js';

/** Parts of the model whose parameters are counted apart. */
export type ModelBlock =
  | 'contextFusion'
  | 'productFusion'
  | 'encoder'
  | 'decoder'
  | 'outputHeads'
  | 'specialEmbeddings'
  | 'repeatHead';

/** The stored position table, `[maxBasketLength, d]`: in the state dict, never trained. */
export const POSITION_TABLE = 'product_fusion.positional_encoding';

/** All trainable parameters in the order of the state dict (spec section 5, 2.6). */
export function parameterList(config: WorldModelConfig): ParameterSpec<ModelBlock>[] {
  const { modelWidth: d, switches } = config;
  const layers = (count: number, prefix: string, entries: readonly ParameterEntry[]): ParameterEntry[] =>
    Array.from({ length: count }, (_, layer) => prefixed(`${prefix}.layers.${layer}.`, entries)).flat();
  const blocks: Readonly<Record<ModelBlock, readonly ParameterEntry[]>> = {
    contextFusion: prefixed('context_fusion.', [
      ...linearLayer('projection', [config.contextWidth, d], LINEAR_NORMAL),
      ...norm('layer_norm', d),
    ]),
    productFusion: prefixed(
      'product_fusion.',
      linearLayer('projection', [sequenceWidth(config), d], LINEAR_NORMAL),
    ),
    encoder: layers(config.encoderLayers, 'encoder', mambaEntries(config)),
    decoder: layers(config.decoderLayers, 'decoder', decoderEntries(config)),
    outputHeads: [...(switches.finalNorm ? norm('final_norm', d) : []), ...headEntries(config)],
    specialEmbeddings:
      switches.inputCorruption === 'learned'
        ? ['mask_embedding', 'eos_embedding'].map((name) => vector(name, config.productWidth, LINEAR_NORMAL))
        : [],
    repeatHead: switches.repeatHead
      ? [
          vector('repeat_head.weight', 3, ZEROS),
          vector('repeat_head.bias', 1, ZEROS),
          ...(switches.similarBaskets
            ? [
                vector('repeat_head.similarity.weight', SIMILARITY_FEATURES, ZEROS),
                vector('repeat_head.similarity.scale', 1, ONES),
                vector('repeat_head.similarity.popularity', 1, ZEROS),
              ]
            : []),
        ]
      : [],
  };
  const all = switches.decayGroups === 'all';
  return BLOCK_ORDER.flatMap((block) =>
    blocks[block].map((entry) => ({ ...entry, block, decay: all || entry.decay })),
  );
}

const BLOCK_ORDER = [
  'contextFusion',
  'productFusion',
  'encoder',
  'decoder',
  'outputHeads',
  'specialEmbeddings',
  'repeatHead',
] as const;

function mambaEntries(config: WorldModelConfig): ParameterEntry[] {
  const { modelWidth: d, stateSize, convolutionTaps, switches } = config;
  const e = innerWidth(config);
  // The default of a framework's Conv1d: one input channel per group, so the fan-in is the number of taps.
  const convolution: InitialValues = { kind: 'uniform', bound: 1 / Math.sqrt(convolutionTaps) };
  const stepBias: InitialValues = switches.mambaInit === 'zero' ? ZEROS : { kind: 'log-uniform-step' };
  return [
    { name: 'A_log', shape: [e, stateSize], initial: { kind: 'state-decay' }, decay: false },
    vector('D', e, ONES),
    matrix('in_proj.weight', [2 * e, d], LINEAR_NORMAL),
    { name: 'conv1d.weight', shape: [e, 1, convolutionTaps], initial: convolution, decay: true },
    vector('conv1d.bias', e, convolution),
    matrix('x_proj.weight', [2 * stateSize, e], LINEAR_NORMAL),
    matrix('dt_proj.weight', [e, e], LINEAR_NORMAL),
    vector('dt_proj.bias', e, stepBias),
    matrix('out_proj.weight', [d, e], LINEAR_NORMAL),
    ...norm('layer_norm', d),
  ];
}

function decoderEntries({ modelWidth: d, feedForwardWidth }: WorldModelConfig): ParameterEntry[] {
  const attention = (name: string): ParameterEntry[] => [
    matrix(`${name}.in_proj_weight`, [3 * d, d], xavierUniform(3 * d, d)),
    vector(`${name}.in_proj_bias`, 3 * d, ZEROS),
    ...linearLayer(`${name}.out_proj`, [d, d], LINEAR_NORMAL),
    ...norm(`${name}_norm`, d),
  ];
  return [
    ...attention('self_attn'),
    ...attention('cross_attn'),
    ...linearLayer('ffn.0', [d, feedForwardWidth], LINEAR_NORMAL),
    ...linearLayer('ffn.3', [feedForwardWidth, d], LINEAR_NORMAL),
    ...norm('ffn_norm', d),
  ];
}

function headEntries(config: WorldModelConfig): ParameterEntry[] {
  const { modelWidth: d } = config;
  return prefixed('output_heads.', [
    ...linearLayer('product_head.0', [d, d], LINEAR_NORMAL),
    ...norm('product_head.2', d),
    ...linearLayer('product_head.3', [d, config.classes], LINEAR_NORMAL),
    ...linearLayer('basket_size_head', [d, config.basketSizeClasses], LINEAR_NORMAL),
    ...linearLayer('price_sens_head', [d, config.priceSensitivityClasses], LINEAR_NORMAL),
    ...linearLayer('mission_type_head', [d, config.missionTypeClasses], LINEAR_NORMAL),
    ...linearLayer('mission_focus_head', [d, config.missionFocusClasses], LINEAR_NORMAL),
  ]);
}
