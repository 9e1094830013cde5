export type { ForwardOptions } from './forward-options.js';
export type { WorldModelOutputs } from './forward-pass.js';
export type { AuxiliaryLogits } from './output-heads.js';
export type { ModelBlock } from './parameter-list.js';
export type { Parameter } from './parameters.js';
export { PRESETS, type PresetName } from './presets.js';
export type { RepeatArrays } from './repeat-inputs.js';
export type { StateDict, StateTensor } from './state-dict.js';
export { SWITCH_BUNDLES, type WorldModelMode, type WorldModelSwitches } from './switches.js';
export {
  type CreateWorldModelOptions,
  createWorldModel,
  type ParameterCount,
  type WorldModel,
} from './world-model.js';
export {
  resolveWorldModelConfig,
  type WorldModelConfig,
  type WorldModelOptions,
  type WorldModelSizes,
  worldModelConfigSchema,
} from './world-model-config.js';
export {
  type HistoryArrays,
  type SimilarBasketArrays,
  type WorldModelArrays,
  type WorldModelInputs,
  worldModelInputs,
} from './world-model-inputs.js';
