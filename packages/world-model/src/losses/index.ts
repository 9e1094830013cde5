export { auxiliaryLoss } from './auxiliary-loss.js';
export type { LossTerm } from './class-log-probabilities.js';
export { contrastiveLoss } from './contrastive-loss.js';
export { type ContrastivePairs, correctedPairs, referencePairs, type TokenIds } from './contrastive-pairs.js';
export { type FocalBinaryLossOptions, focalBinaryLoss } from './focal-binary-loss.js';
export { type FocalLossOptions, focalLoss } from './focal-loss.js';
export {
  evaluateLoss,
  type LossCounts,
  type LossesAndGradients,
  type LossOptions,
  type LossValues,
  lossAndGradients,
} from './loss-and-gradients.js';
export {
  LOSS_TERMS,
  type LossTermName,
  type LossWeights,
  lossWeights,
  type TrainingPhase,
} from './loss-weights.js';
export {
  type NextBasketLoss,
  type NextBasketLossOptions,
  type NextBasketTargets,
  nextBasketLoss,
} from './next-basket-loss.js';
export { type StoreVisitLossOptions, storeClassWeights, storeVisitLoss } from './store-visit-loss.js';
export {
  type WorldModelLoss,
  type WorldModelLossOptions,
  type WorldModelTargets,
  worldModelLoss,
} from './world-model-loss.js';
