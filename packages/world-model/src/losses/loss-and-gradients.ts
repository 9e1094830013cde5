import * as tf from '@tensorflow/tfjs';
import { differentiate } from '../gradients/differentiate.js';
import type { ForwardOptions } from '../model/forward-options.js';
import type { Parameter } from '../model/parameters.js';
import type { WorldModel } from '../model/world-model.js';
import type { WorldModelInputs } from '../model/world-model-inputs.js';
import { LOSS_TERMS, type LossTermName } from './loss-weights.js';
import {
  type WorldModelLoss,
  type WorldModelLossOptions,
  type WorldModelTargets,
  worldModelLoss,
} from './world-model-loss.js';

export type LossOptions = WorldModelLossOptions &
  ForwardOptions & {
    /** Parameters whose gradients are wanted; all by default. The fewer, the shorter the backward pass. */
    readonly parameters?: readonly Parameter[];
  };

/** Scalar losses of one batch; a term without weight or without a target is 0. */
export type LossValues = Readonly<Record<LossTermName | 'total', number>>;

/** Elements over which each term is the mean: masked products, anchors, known labels. */
export type LossCounts = Readonly<Record<LossTermName, number>>;

export interface LossesAndGradients {
  readonly losses: LossValues;
  readonly counts: LossCounts;
  /** By parameter name, in the order of the parameters; the caller disposes of them. */
  readonly gradients: ReadonlyMap<string, tf.Tensor>;
}

/** Forward and backward pass of one batch. Nothing but the gradients stays in memory. */
export async function lossAndGradients(
  model: WorldModel,
  inputs: WorldModelInputs,
  targets: WorldModelTargets,
  options: LossOptions,
): Promise<LossesAndGradients> {
  const { value, gradients } = differentiate(options.parameters ?? model.parameters(), () =>
    worldModelLoss(model.forward(inputs, options), targets, model.config, options),
  );
  return { ...(await readLoss(value)), gradients };
}

/** The losses of one batch without gradients: validation. */
export async function evaluateLoss(
  model: WorldModel,
  inputs: WorldModelInputs,
  targets: WorldModelTargets,
  options: WorldModelLossOptions,
): Promise<Pick<LossesAndGradients, 'losses' | 'counts'>> {
  return readLoss(tf.tidy(() => worldModelLoss(model.forward(inputs), targets, model.config, options)));
}

/** All scalars in one read, which frees them. */
async function readLoss({
  total,
  terms,
}: WorldModelLoss): Promise<{ losses: LossValues; counts: LossCounts }> {
  const names = LOSS_TERMS.filter((name) => terms[name] !== undefined);
  const scalars = [total, ...names.map((name) => terms[name]?.loss ?? total)];
  const stacked = tf.stack(scalars);
  const values = await stacked.data();
  tf.dispose([stacked, scalars]);
  const losses: Record<LossTermName | 'total', number> = { ...NO_TERMS, total: values[0] ?? Number.NaN };
  const counts: Record<LossTermName, number> = { ...NO_TERMS };
  for (const [i, name] of names.entries()) {
    losses[name] = values[i + 1] ?? Number.NaN;
    counts[name] = terms[name]?.count ?? 0;
  }
  return { losses, counts };
}

const NO_TERMS = {
  focal: 0,
  contrastive: 0,
  basketSize: 0,
  priceSensitivity: 0,
  missionType: 0,
  missionFocus: 0,
};
