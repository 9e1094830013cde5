import type { WorldModelSizes } from './world-model-config.js';

/** The sizes of the published model (spec section 5, 2.1): 22.9 million parameters at 5,003 classes. */
const full: WorldModelSizes = {
  classes: 5003,
  products: 5000,
  modelWidth: 512,
  contextWidth: 400,
  productWidth: 256,
  priceWidth: 64,
  encoderLayers: 4,
  stateSize: 64,
  convolutionTaps: 4,
  expansion: 2,
  decoderLayers: 2,
  decoderHeads: 8,
  feedForwardWidth: 2048,
  dropout: 0.1,
  basketSizeClasses: 4,
  priceSensitivityClasses: 4,
  missionTypeClasses: 5,
  missionFocusClasses: 6,
  maxBasketLength: 50,
  maxHistoryAge: 117,
};

/** Trains on a laptop in minutes to hours: 2.5 million parameters. */
const small: WorldModelSizes = {
  ...full,
  modelWidth: 192,
  encoderLayers: 2,
  stateSize: 16,
  decoderLayers: 1,
  decoderHeads: 6,
  feedForwardWidth: 768,
};

/** For demonstrations: half a million parameters, two thirds of them the product head. */
const tiny: WorldModelSizes = {
  ...full,
  modelWidth: 64,
  encoderLayers: 2,
  stateSize: 8,
  decoderLayers: 1,
  decoderHeads: 4,
  feedForwardWidth: 256,
};

export const PRESETS = { full, small, tiny } as const;

export type PresetName = keyof typeof PRESETS;
