import type { PresetName } from '@retail-sim/world-model';
import type { ScheduleName } from '../schedule/learning-rate.js';

/** Options whose default depends on the size of the model. A flag or a line of the config file wins over them. */
export interface TrainingPreset {
  readonly epochs: number;
  /** Baskets in a micro-batch. */
  readonly batchSize: number;
  /** Micro-batches averaged into one optimizer step. */
  readonly gradAccum: number;
  /** Peak learning rate. */
  readonly lr: number;
  readonly schedule: ScheduleName;
  /** Epochs of the first and last phase; left out, their share of the run (15 % and 25 %). */
  readonly warmupEpochs: number | undefined;
  readonly finetuneEpochs: number | undefined;
  /** Earlier baskets that the history encoder reads. */
  readonly history: number;
  readonly focalGamma: number;
  /** Training and validation baskets; left out, all of them. */
  readonly limitTrain: number | undefined;
  readonly limitVal: number | undefined;
  /** Baskets of a validation inside an epoch. */
  readonly evalSamples: number;
  /** Steps that fit the repeat head on the validation split after the last epoch. */
  readonly fitSteps: number;
}

/** The settings of spec section 5, 7.1. */
const full: TrainingPreset = {
  epochs: 20,
  batchSize: 128,
  gradAccum: 2,
  lr: 5e-5,
  schedule: 'three-phase',
  warmupEpochs: undefined,
  finetuneEpochs: undefined,
  history: 50,
  focalGamma: 2,
  limitTrain: undefined,
  limitVal: undefined,
  evalSamples: 25_600,
  fitSteps: 1000,
};

/** Half an hour of one core: one pass over a part of the data, at the rate that a small model stands. */
const small: TrainingPreset = {
  ...full,
  epochs: 1,
  gradAccum: 1,
  lr: 1e-3,
  warmupEpochs: 0,
  finetuneEpochs: 0,
  history: 8,
  focalGamma: 0,
  limitTrain: 51_200,
  limitVal: 4096,
  evalSamples: 2048,
  fitSteps: 240,
};

/** A minute or two on sample data. */
const tiny: TrainingPreset = {
  ...small,
  epochs: 5,
  batchSize: 64,
  limitTrain: 25_600,
  limitVal: 2048,
  evalSamples: 512,
  fitSteps: 50,
};

export const TRAINING_PRESETS: Readonly<Record<PresetName, TrainingPreset>> = { tiny, small, full };
