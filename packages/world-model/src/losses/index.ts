export {
  type LossCounts,
  type LossesAndGradients,
  type LossOptions,
  type LossValues,
  lossAndGradients,
  type WorldModelTargets,
} from './loss-and-gradients.js';
export { type LossWeights, lossWeights, type TrainingPhase } from './loss-weights.js';
