import { join } from 'node:path';
import { type Batch, type Loader, openLoader } from '@retail-sim/tensor-preparation';
import { lossWeights } from '@retail-sim/world-model';
import { loadWeights } from '../checkpoint/checkpoint.js';
import { listCheckpoints } from '../checkpoint/checkpoint-folder.js';
import { hideCompletely } from '../evaluation/hidden-products.js';
import { schedules } from '../schedule/learning-rate.js';
import { phaseOfEpoch, settingsOfPhase } from '../schedule/training-phase.js';
import type { Position, TrainingRun } from './open-run.js';
import { batchContents } from './step-groups.js';
import type { RunOptions } from './training-options.js';
import type { StepSettings } from './training-step.js';

/** What the steps of one epoch have in common. */
export interface EpochPlan {
  readonly label: string;
  readonly phase: string;
  readonly maskRate: number;
  /** Optimizer steps. */
  readonly steps: number;
  readonly loader: Loader<Batch>;
  /** What the model is given of a loaded batch. */
  readonly prepare: (batch: Batch) => Batch;
  readonly settingsOfStep: (position: Position) => Omit<StepSettings, 'keyOf'>;
}

/** An epoch of training in the phase that it belongs to. */
export async function openEpoch(run: TrainingRun, options: RunOptions): Promise<EpochPlan> {
  const { settings, position, model } = run;
  const plan = {
    epochs: settings.epochs,
    warmUpEpochs: settings.warmupEpochs,
    fineTuneEpochs: settings.finetuneEpochs,
  };
  const phase = phaseOfEpoch(plan, position.epoch);
  const {
    lossWeights: weights,
    maskRate,
    maxGradientNorm,
  } = settingsOfPhase(phase, {
    mode: settings.mode,
    maskRate: settings.maskProb,
    fineTuneMaskRate: settings.finetuneMaskProb,
    maxGradientNorm: settings.maxGradNorm,
  });
  const loader = await openLoader({
    ...batchContents(options.tensors, settings, model.config),
    split: 'train',
    shuffle: true,
    prefetch: options.numWorkers,
    maskProbability: maskRate,
    ...(settings.limitTrain === null ? {} : { limit: settings.limitTrain }),
  });
  const stepsPerEpoch = Math.ceil(loader.batchesPerEpoch / settings.gradAccum);
  const schedule = { peak: settings.lr, plan, stepsPerEpoch, accumulation: settings.gradAccum };
  return {
    label: `epoch ${position.epoch}/${settings.epochs} ${phase}`,
    phase,
    maskRate,
    steps: stepsPerEpoch,
    loader,
    prepare: (batch) => batch,
    settingsOfStep: ({ step }) => ({
      learningRate: schedules[settings.schedule](schedule, step),
      lossWeights: weights,
      maxGradientNorm,
      focalGamma: settings.focalGamma,
      recompute: options.gradientCheckpointing,
    }),
  };
}

/** The rate of the fit starts at this multiple of the peak: it has few steps for a way that may be long. */
const FIT_RATE = 2;

/**
 * The fit of the repeat head: its few scalars, and nothing else, on the validation split. How much the past says about
 * the next basket may change from the training weeks to the latest ones, as the weight of a baseline does that is
 * fitted there as well.
 */
export async function openFit(run: TrainingRun, options: RunOptions): Promise<EpochPlan> {
  const { settings, tensors, model } = run;
  const loader = await openLoader({
    ...batchContents(options.tensors, settings, model.config),
    split: 'val',
    shuffle: true,
    prefetch: options.numWorkers,
    maskProbability: settings.maskProb,
  });
  const available = Math.ceil(loader.batchesPerEpoch / settings.gradAccum);
  const steps = Math.min(settings.fitSteps, available);
  return {
    label: 'fit of the repeat head',
    phase: 'fit',
    maskRate: settings.maskProb,
    steps,
    loader,
    prepare: (batch) => hideCompletely(batch, tensors.manifest.vocab.mask),
    settingsOfStep: ({ microBatch }) => {
      const done = microBatch / settings.gradAccum / steps;
      return {
        learningRate: (FIT_RATE * settings.lr * (1 + Math.cos(Math.PI * done))) / 2,
        lossWeights: lossWeights('warm-up', settings.mode),
        maxGradientNorm: settings.maxGradNorm,
        focalGamma: settings.focalGamma,
        recompute: options.gradientCheckpointing,
        onlyBlock: 'repeatHead',
      };
    },
  };
}

/** Goes back to the weights of the best epoch, where it was not the last. */
export async function takeBestWeights(
  { model, position, settings }: TrainingRun,
  { checkpoints, run }: RunOptions,
): Promise<void> {
  const folder = join(checkpoints, run);
  if (position.earlyStopping.bestEpoch === settings.epochs) return;
  if (!listCheckpoints(folder).includes('best')) return;
  const { model: weights } = await loadWeights(join(folder, 'best'));
  model.loadStateDict(weights);
}
