import type * as tf from '@tensorflow/tfjs';
import type { WorldModel } from '../model/world-model.js';
import type { WorldModelInputs } from '../model/world-model-inputs.js';
import type { LossWeights } from './loss-weights.js';

/** What the losses compare with: plain arrays of the same batch. `Batch` of tensor-preparation has this form. */
export interface WorldModelTargets {
  readonly size: number;
  readonly positions: number;
  readonly maskedLength: number;
  /** `[B, S]`: tokens after corruption. */
  readonly productIds: Int32Array;
  /** `[B, S]`. */
  readonly attentionMask: Uint8Array;
  /** `[B, M]`: negative fills. */
  readonly maskedPositions: Int32Array;
  /** `[B, M]`: classes that stood there; 0 and negative ones are no target. */
  readonly maskedTargets: Int32Array;
  /** `[B]` each; 0 is unknown. */
  readonly labels: {
    readonly basketSize: Int32Array;
    readonly priceSensitivity: Int32Array;
    readonly missionType: Int32Array;
    readonly missionFocus: Int32Array;
  };
}

export interface LossOptions {
  readonly weights: LossWeights;
  /** Exponent of the focal loss, 0 or at least 1. Default 2. */
  readonly focalGamma?: number;
  readonly temperature?: number;
  /** Seed of pairs and negatives of the contrastive loss in this step. */
  readonly contrastiveSeed?: number;
  readonly training?: boolean;
  readonly dropoutKey?: number;
  /** Gradient checkpointing. Default false. */
  readonly recompute?: boolean;
}

/** Scalar losses of one batch; a term without a single target is 0 and its count 0. */
export interface LossValues extends LossWeights {
  /** Weighted sum. */
  readonly total: number;
}

export interface LossCounts {
  /** Masked positions with a target. */
  readonly focal: number;
  /** Anchors. */
  readonly contrastive: number;
  readonly basketSize: number;
  readonly priceSensitivity: number;
  readonly missionType: number;
  readonly missionFocus: number;
}

export interface LossesAndGradients {
  readonly losses: LossValues;
  readonly counts: LossCounts;
  /** By parameter name, in the order of `model.parameters()`; the caller disposes of them. */
  readonly gradients: ReadonlyMap<string, tf.Tensor>;
}

/** Forward and backward pass of one batch. No other tensor stays. */
export function lossAndGradients(
  _model: WorldModel,
  _inputs: WorldModelInputs,
  _targets: WorldModelTargets,
  _options: LossOptions,
): LossesAndGradients {
  throw new Error('not built yet');
}
