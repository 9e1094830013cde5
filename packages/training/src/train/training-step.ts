import type { Batch } from '@retail-sim/tensor-preparation';
import {
  clippingFactor,
  globalNorm,
  type LossWeights,
  lossAndGradients,
  type ModelBlock,
  type WorldModel,
  worldModelInputs,
} from '@retail-sim/world-model';
import * as tf from '@tensorflow/tfjs';
import type { Optimizer } from './optimizer.js';
import { shareOfTerms, targetCounts } from './target-counts.js';

export interface StepSettings {
  readonly learningRate: number;
  readonly lossWeights: LossWeights;
  readonly maxGradientNorm: number;
  readonly focalGamma: number;
  /** Keys of dropout and contrastive pairs, one a micro-batch. */
  readonly keyOf: (microBatch: number) => number;
  readonly recompute: boolean;
  /** Moves the parameters of this block only, as the model is used: without dropout. Left out, it trains them all. */
  readonly onlyBlock?: ModelBlock;
}

export interface StepResult {
  /** Mean of each loss term over all targets of the step, and their weighted sum. */
  readonly losses: LossWeights & { readonly total: number };
  readonly gradientNorm: number;
  /** False where the gradient was not finite: the weights are as they were. */
  readonly applied: boolean;
  readonly samples: number;
  /** Share of the positions that are padding. */
  readonly padding: number;
}

/**
 * One optimizer step over one or more micro-batches. The gradient is that of the loss over all their targets at once:
 * a micro-batch with more targets weighs more, so that 4 x 32 baskets are 1 x 128 (spec section 5, 7.2).
 */
export async function trainingStep(
  model: WorldModel,
  optimizer: Optimizer,
  batches: readonly Batch[],
  settings: StepSettings,
): Promise<StepResult> {
  const parameters = model
    .parameters()
    .filter(({ block }) => settings.onlyBlock === undefined || block === settings.onlyBlock);
  const shares = shareOfTerms(batches.map(targetCounts));
  const losses = { ...NOTHING };
  let sum: ReadonlyMap<string, tf.Tensor> | undefined;
  for (const [index, batch] of batches.entries()) {
    const share = shares[index] ?? NOTHING;
    const inputs = worldModelInputs(batch, model.config);
    const key = settings.keyOf(index);
    const result = await lossAndGradients(model, inputs, batch, {
      weights: scaled(settings.lossWeights, share),
      focalGamma: settings.focalGamma,
      training: settings.onlyBlock === undefined,
      dropoutKey: key,
      contrastiveSeed: key,
      recompute: settings.recompute,
      parameters,
    });
    tf.dispose({ ...inputs });
    for (const term of TERMS) losses[term] += share[term] * result.losses[term];
    losses.total += result.losses.total;
    sum = sum === undefined ? result.gradients : added(sum, result.gradients);
  }
  if (sum === undefined) throw new Error('a step needs a batch');
  const gradients = [...sum.values()];
  const gradientNorm = await globalNorm(gradients);
  const applied = Number.isFinite(gradientNorm) && Number.isFinite(losses.total);
  if (applied) {
    optimizer.step(sum, {
      learningRate: settings.learningRate,
      gradientScale: clippingFactor(gradientNorm, settings.maxGradientNorm),
    });
  }
  tf.dispose(gradients);
  return { losses, gradientNorm, applied, ...sizes(batches) };
}

const NOTHING = {
  focal: 0,
  contrastive: 0,
  basketSize: 0,
  priceSensitivity: 0,
  missionType: 0,
  missionFocus: 0,
  total: 0,
};
const TERMS = Object.keys(NOTHING).filter((term) => term !== 'total') as (keyof LossWeights)[];

function scaled(weights: LossWeights, share: LossWeights): LossWeights {
  const entries = TERMS.map((term) => [term, weights[term] * share[term]]);
  return { ...NOTHING, ...Object.fromEntries(entries) };
}

function added(
  left: ReadonlyMap<string, tf.Tensor>,
  right: ReadonlyMap<string, tf.Tensor>,
): ReadonlyMap<string, tf.Tensor> {
  const sum = new Map<string, tf.Tensor>();
  for (const [name, gradient] of left) {
    const other = right.get(name);
    if (other === undefined) throw new Error(`there is no gradient for ${name}`);
    sum.set(name, tf.add(gradient, other));
    tf.dispose([gradient, other]);
  }
  return sum;
}

function sizes(batches: readonly Batch[]): Pick<StepResult, 'samples' | 'padding'> {
  let samples = 0;
  let places = 0;
  let used = 0;
  for (const { size, positions, lengths } of batches) {
    samples += size;
    places += size * positions;
    for (const length of lengths) used += length;
  }
  return { samples, padding: 1 - used / places };
}
