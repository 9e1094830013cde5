import { InputError } from '@retail-sim/errors';
import { z } from 'zod';
import { PRESETS, type PresetName } from './presets.js';
import { SWITCH_BUNDLES, type WorldModelMode, type WorldModelSwitches } from './switches.js';

/** Widths and counts of the masked world model (spec section 5, 2.1). */
export interface WorldModelSizes {
  /** V: classes of the product head, PAD, MASK and EOS included. */
  readonly classes: number;
  /** P: classes 1..P are products; all others are never predicted in corrected mode. */
  readonly products: number;
  /** d: width of tokens in encoder and decoder. */
  readonly modelWidth: number;
  /** T1, T3, T5, T6. */
  readonly contextWidth: number;
  /** T2. */
  readonly productWidth: number;
  /** T4. */
  readonly priceWidth: number;
  readonly encoderLayers: number;
  /** N: states per channel of the scan. */
  readonly stateSize: number;
  readonly convolutionTaps: number;
  /** E = expansion d: inner width of a Mamba block. */
  readonly expansion: number;
  readonly decoderLayers: number;
  readonly decoderHeads: number;
  readonly feedForwardWidth: number;
  /** Rate of dropout in training. */
  readonly dropout: number;
  readonly basketSizeClasses: number;
  readonly priceSensitivityClasses: number;
  readonly missionTypeClasses: number;
  readonly missionFocusClasses: number;
  /** Longest basket, EOS included: rows of the stored position table. */
  readonly maxBasketLength: number;
  /** Oldest age of a history token in weeks; older ones count as this old. */
  readonly maxHistoryAge: number;
}

/** Everything that decides the shapes and the wiring of a model; plain data, written to checkpoints as it is. */
export interface WorldModelConfig extends WorldModelSizes {
  readonly mode: WorldModelMode;
  readonly switches: WorldModelSwitches;
}

/** A preset or single sizes, a bundle of switches or single ones; what is left out has its default. */
export interface WorldModelOptions extends Partial<WorldModelSizes> {
  readonly preset?: PresetName;
  readonly mode?: WorldModelMode;
  readonly switches?: Partial<WorldModelSwitches>;
}

const positive = z.int().positive();

const sizesSchema = z.strictObject({
  classes: z.int().min(2),
  products: positive,
  modelWidth: positive.multipleOf(2),
  contextWidth: positive,
  productWidth: positive,
  priceWidth: positive,
  encoderLayers: positive,
  stateSize: positive,
  convolutionTaps: positive,
  expansion: positive,
  decoderLayers: positive,
  decoderHeads: positive,
  feedForwardWidth: positive,
  dropout: z.number().min(0).lt(1),
  basketSizeClasses: positive,
  priceSensitivityClasses: positive,
  missionTypeClasses: positive,
  missionFocusClasses: positive,
  maxBasketLength: positive,
  maxHistoryAge: z.int().nonnegative(),
});

const switchesSchema = z.strictObject({
  inputCorruption: z.enum(['none', 'learned']),
  encoderSource: z.enum(['history', 'basket', 'context-only']),
  decoderAttention: z.enum(['causal', 'bidirectional']),
  classMask: z.boolean(),
  contrastive: z.enum(['reference', 'corrected']),
  contrastiveSource: z.enum(['token', 'encoder']),
  mambaInit: z.enum(['zero', 'log-uniform']),
  decayGroups: z.enum(['all', 'matrices']),
  repeatHead: z.boolean(),
  similarBaskets: z.boolean(),
  positionEncoding: z.enum(['sinusoidal', 'none']),
  finalNorm: z.boolean(),
});

/** Shape of a configuration as it is stored; unknown keys are refused. */
export const worldModelConfigSchema = sizesSchema.extend({
  mode: z.enum(['corrected', 'reference']),
  switches: switchesSchema,
});

/**
 * Fills in defaults: the preset's sizes (`full` unless named), the mode's switches (`corrected` unless named), then what
 * is given. Without `products`, all classes but three are products.
 * @throws InputError for an unknown key, a value out of range, or sizes that don't fit together
 */
export function resolveWorldModelConfig(options: WorldModelOptions = {}): WorldModelConfig {
  const { preset = 'full', mode = 'corrected', switches = {}, ...sizes } = options;
  const classes = sizes.classes ?? PRESETS[preset].classes;
  const parsed = worldModelConfigSchema.safeParse({
    ...PRESETS[preset],
    ...sizes,
    products: sizes.products ?? classes - 3,
    mode,
    switches: { ...SWITCH_BUNDLES[mode], ...switches },
  });
  if (!parsed.success) {
    throw new InputError({
      what: `world model configuration: ${z.prettifyError(parsed.error)}`,
      remedy: 'correct the sizes and switches; docs/world-model.md lists them',
      cause: parsed.error,
    });
  }
  const config = parsed.data;
  if (config.modelWidth % config.decoderHeads !== 0) {
    throw misfit(`modelWidth ${config.modelWidth} can't be split into ${config.decoderHeads} decoderHeads`);
  }
  if (config.products >= config.classes) {
    throw misfit(`${config.products} products need more than ${config.classes} classes: class 0 is padding`);
  }
  const { contrastiveSource, encoderSource } = config.switches;
  if (contrastiveSource === 'encoder' && encoderSource !== 'basket') {
    throw misfit(
      "contrastiveSource 'encoder' needs encoderSource 'basket': the encoder has no token of the basket",
    );
  }
  return config;
}

function misfit(what: string): InputError {
  return new InputError({
    what: `world model configuration: ${what}`,
    remedy: 'choose sizes that fit together',
  });
}

/** E: channels inside a Mamba block. */
export function innerWidth({ expansion, modelWidth }: WorldModelSizes): number {
  return expansion * modelWidth;
}

/** T2 and T4 side by side. */
export function sequenceWidth({ productWidth, priceWidth }: WorldModelSizes): number {
  return productWidth + priceWidth;
}
