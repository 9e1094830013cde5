export {
  type AdamWSlot,
  type AdamWStep,
  adamWStep,
  clippingFactor,
  globalNorm,
  startWasmBackend,
  type WasmBackend,
  type WasmBackendOptions,
} from './kernels/index.js';
export {
  type LossCounts,
  type LossesAndGradients,
  type LossOptions,
  type LossValues,
  lossAndGradients,
  type WorldModelTargets,
} from './losses/loss-and-gradients.js';
export { type LossWeights, lossWeights, type TrainingPhase } from './losses/loss-weights.js';
export { PRESETS, type PresetName } from './model/presets.js';
export type { StateDict, StateTensor } from './model/state-dict.js';
export { SWITCH_BUNDLES, type WorldModelMode, type WorldModelSwitches } from './model/switches.js';
export {
  type AuxiliaryLogits,
  type CreateWorldModelOptions,
  createWorldModel,
  type ForwardOptions,
  type ModelBlock,
  type Parameter,
  type ParameterCount,
  type WorldModel,
  type WorldModelOutputs,
} from './model/world-model.js';
export {
  resolveWorldModelConfig,
  type WorldModelConfig,
  type WorldModelOptions,
  type WorldModelSizes,
  worldModelConfigSchema,
} from './model/world-model-config.js';
export {
  type HistoryArrays,
  type RepeatArrays,
  type WorldModelArrays,
  type WorldModelInputs,
  worldModelInputs,
} from './model/world-model-inputs.js';
