import * as tf from '@tensorflow/tfjs';
import type { WorldModelOutputs } from '../model/forward-pass.js';
import type { WorldModelConfig } from '../model/world-model-config.js';
import { auxiliaryLoss } from './auxiliary-loss.js';
import type { LossTerm } from './class-log-probabilities.js';
import { contrastiveLoss } from './contrastive-loss.js';
import { type ContrastivePairs, correctedPairs, referencePairs, type TokenIds } from './contrastive-pairs.js';
import { focalLoss } from './focal-loss.js';
import { LOSS_TERMS, type LossTermName, type LossWeights } from './loss-weights.js';

/** What the losses compare with: plain arrays of the batch that the model read. */
export interface WorldModelTargets extends TokenIds {
  /** M; 0 when nothing is masked. */
  readonly maskedLength: number;
  /** `[B, M]`: negative ones fill. */
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

export interface WorldModelLossOptions {
  /** A term of weight 0 is not computed. */
  readonly weights: LossWeights;
  /** Default 2. */
  readonly focalGamma?: number;
  /** Seed of pairs and negatives of the contrastive loss. Default 0. */
  readonly contrastiveSeed?: number;
}

export type WorldModelLoss = {
  /** Weighted sum of the terms, a scalar. */
  readonly total: tf.Tensor;
  /** Scalars by name; those without weight are absent. */
  readonly terms: Readonly<Partial<Record<LossTermName, LossTerm>>>;
};

/** Total loss of the masked world model (spec section 5, 5.4). */
export function worldModelLoss(
  outputs: WorldModelOutputs,
  targets: WorldModelTargets,
  config: WorldModelConfig,
  options: WorldModelLossOptions,
): WorldModelLoss {
  const { weights } = options;
  const compute: Readonly<Record<LossTermName, () => LossTerm>> = {
    focal: () => maskedFocalLoss(outputs, targets, options),
    contrastive: () => tokenLoss(outputs, targets, config, options),
    basketSize: () => auxiliaryLoss(outputs.auxiliaryLogits.basketSize, targets.labels.basketSize),
    priceSensitivity: () =>
      auxiliaryLoss(outputs.auxiliaryLogits.priceSensitivity, targets.labels.priceSensitivity),
    missionType: () => auxiliaryLoss(outputs.auxiliaryLogits.missionType, targets.labels.missionType),
    missionFocus: () => auxiliaryLoss(outputs.auxiliaryLogits.missionFocus, targets.labels.missionFocus),
  };
  const terms: Partial<Record<LossTermName, LossTerm>> = {};
  let total: tf.Tensor = tf.scalar(0);
  for (const name of LOSS_TERMS) {
    if (weights[name] === 0) continue;
    const term = compute[name]();
    terms[name] = term;
    total = total.add(term.loss.mul(weights[name]));
  }
  return { total, terms };
}

function maskedFocalLoss(
  { productLogits }: WorldModelOutputs,
  { size, maskedLength, maskedTargets }: WorldModelTargets,
  { focalGamma = 2 }: WorldModelLossOptions,
): LossTerm {
  // Without masked positions the model was asked for one place per basket.
  const classes = maskedLength === 0 ? new Int32Array(size) : maskedTargets;
  const isTarget = Uint8Array.from(classes, (target) => (target > 0 ? 1 : 0));
  return focalLoss(productLogits, classes, isTarget, { gamma: focalGamma });
}

function tokenLoss(
  { encoderOutput, productTokens }: WorldModelOutputs,
  targets: WorldModelTargets,
  { switches, products }: WorldModelConfig,
  { contrastiveSeed = 0 }: WorldModelLossOptions,
): LossTerm {
  const reference = switches.contrastive === 'reference';
  const pairs = reference
    ? referencePairs(targets)
    : correctedPairs(targets, { products, seed: contrastiveSeed });
  const tokens = switches.contrastiveSource === 'token' ? productTokens : encoderOutput;
  const [batch = 0, rows = 0, width = 0] = tokens.shape;
  // The encoder's first row is the context. The reference reads token i at row i, one too early.
  const firstRow = switches.contrastiveSource === 'encoder' && !reference ? 1 : 0;
  const placed = placePairs(pairs, targets.positions, rows, firstRow);
  return contrastiveLoss(tokens.reshape([batch * rows, width]), placed);
}

/** Token numbers b S + i as rows b R + firstRow + i of a tensor with R rows per basket. */
function placePairs(
  { anchors, positives, pool, allowed }: ContrastivePairs,
  positions: number,
  rows: number,
  firstRow: number,
): ContrastivePairs {
  const place = (tokens: Int32Array) =>
    tokens.map((token) => Math.floor(token / positions) * rows + firstRow + (token % positions));
  return { anchors: place(anchors), positives: place(positives), pool: place(pool), allowed };
}
