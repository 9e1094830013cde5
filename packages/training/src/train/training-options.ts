import { InputError } from '@retail-sim/errors';
import {
  DEVICE_CHOICES,
  type DeviceChoice,
  PRESETS,
  type PresetName,
  SWITCH_BUNDLES,
  type WorldModelSwitches,
} from '@retail-sim/world-model';
import { z } from 'zod';
import { type ScheduleName, schedules } from '../schedule/learning-rate.js';
import { planPhases } from '../schedule/training-phase.js';
import { TRAINING_PRESETS, type TrainingPreset } from './presets.js';

const presetNames = Object.keys(PRESETS) as [PresetName, ...PresetName[]];
const scheduleNames = Object.keys(schedules) as [ScheduleName, ...ScheduleName[]];

/**
 * Every option of a run that changes its numbers, as `state.json` stores it. A run that is resumed goes on with these;
 * only `epochs` may grow.
 */
export const trainingSettingsSchema = z.strictObject({
  preset: z.enum(presetNames),
  mode: z.enum(['corrected', 'reference']),
  switches: z.record(z.string(), z.union([z.string(), z.boolean()])),
  epochs: z.int().min(1),
  batchSize: z.int().min(1),
  gradAccum: z.int().min(1),
  lr: z.number().positive(),
  /** Factor on the rate of the repeat head: four scalars that every basket agrees on. */
  repeatHeadLr: z.number().positive(),
  schedule: z.enum(scheduleNames),
  warmupEpochs: z.int().min(0),
  finetuneEpochs: z.int().min(0),
  weightDecay: z.number().min(0),
  maxGradNorm: z.number().positive(),
  maskProb: z.number().gt(0).max(1),
  finetuneMaskProb: z.number().gt(0).max(1),
  focalGamma: z.number().min(0),
  history: z.int().min(0),
  evalSamples: z.int().min(1),
  fitSteps: z.int().min(0),
  /** null: all baskets of the split. */
  limitTrain: z.int().min(1).nullable(),
  limitVal: z.int().min(1).nullable(),
  /** Whether the product bias starts at log popularity. */
  popularityStart: z.boolean(),
  seed: z.int(),
});

export type TrainingSettings = z.infer<typeof trainingSettingsSchema>;

/** What the user may give; what is left out comes from the checkpoint that is resumed, else from the preset. */
export type GivenSettings = {
  readonly [Name in keyof Omit<TrainingSettings, 'limitTrain' | 'limitVal' | 'switches'>]?:
    | TrainingSettings[Name]
    | undefined;
} & {
  readonly limitTrain?: number | undefined;
  readonly limitVal?: number | undefined;
  /** `name=value` each. */
  readonly switches?: readonly string[] | undefined;
};

/** How a run is done, as opposed to what it computes. */
export interface RunOptions {
  /** Folder of the tensors. */
  readonly tensors: string;
  /** Folder of all runs. */
  readonly checkpoints: string;
  readonly logs: string;
  /** Name of the run. */
  readonly run: string;
  readonly device: DeviceChoice;
  readonly threads: number;
  readonly gradientCheckpointing: boolean;
  /** Batches that the loader's worker keeps ready. */
  readonly numWorkers: number;
  /** Optimizer steps between validations, log lines, and writes of `latest`. */
  readonly evalEvery: number;
  readonly logEvery: number;
  readonly saveEvery: number;
  /** Ends the run after this many optimizer steps. */
  readonly maxSteps: number | undefined;
  /** Epoch-end validations without improvement that end the run; 0 never ends it. */
  readonly patience: number;
  /** `epoch_N` folders to keep; all of them by default. */
  readonly keepEpochs: number | undefined;
  /** A checkpoint to go on from: a name within the run, or a path. */
  readonly resume: string | undefined;
  /** Takes only the weights of `resume`, and starts the run anew. */
  readonly resumeWeightsOnly: boolean;
  /** Tracking server. */
  readonly mlflow: string | undefined;
}

/** What `--device` takes, in a form that an option of a command needs. */
export const deviceChoices: readonly [DeviceChoice, ...DeviceChoice[]] = [
  'auto',
  ...DEVICE_CHOICES.filter((name) => name !== 'auto'),
];

/** Defaults that every preset shares (spec section 5, 7.1). */
const SHARED = {
  mode: 'corrected',
  repeatHeadLr: 50,
  weightDecay: 0.01,
  maxGradNorm: 1,
  maskProb: 0.15,
  finetuneMaskProb: 0.2,
  popularityStart: true,
} as const;

/**
 * Completes the settings of a run.
 *
 * @throws InputError for a value out of range or an unknown switch
 */
export function completeSettings(given: GivenSettings & { readonly seed: number }): TrainingSettings {
  const preset = given.preset ?? 'small';
  const defaults: TrainingPreset = TRAINING_PRESETS[preset];
  const epochs = given.epochs ?? defaults.epochs;
  const plan = planPhases(
    epochs,
    given.warmupEpochs ?? defaults.warmupEpochs,
    given.finetuneEpochs ?? defaults.finetuneEpochs,
  );
  const { switches = [], ...values } = given;
  const named = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  return parseSettings({
    ...SHARED,
    ...defaults,
    limitTrain: defaults.limitTrain ?? null,
    limitVal: defaults.limitVal ?? null,
    ...named,
    preset,
    epochs,
    warmupEpochs: plan.warmUpEpochs,
    finetuneEpochs: plan.fineTuneEpochs,
    switches: parseSwitches(switches),
  });
}

/**
 * The settings of a run that is resumed: those of the checkpoint. What the user gives beside must agree with them,
 * but for a larger number of epochs.
 *
 * @throws InputError naming the option that differs
 */
export function resumedSettings(
  stored: TrainingSettings,
  given: GivenSettings & { readonly seed: number },
): TrainingSettings {
  const { switches, epochs = stored.epochs, ...values } = given;
  const compared = {
    ...values,
    ...(switches === undefined ? {} : { switches: parseSwitches(switches) }),
  };
  for (const [name, value] of Object.entries(compared)) {
    const before = Object.entries(stored).find(([key]) => key === name)?.[1];
    if (value !== undefined && JSON.stringify(value) !== JSON.stringify(before)) {
      throw new InputError({
        what: `the checkpoint was trained with ${name} ${JSON.stringify(before)}, this command was given ${JSON.stringify(value)}`,
        remedy: 'leave the option out to go on as before, or start anew with --resume-weights-only',
      });
    }
  }
  return { ...stored, epochs: Math.max(stored.epochs, epochs) };
}

/** @throws InputError when a value is out of range */
export function parseSettings(values: unknown): TrainingSettings {
  const parsed = trainingSettingsSchema.safeParse(values);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new InputError({
    what: `${issue?.path.join('.') ?? 'settings'}: ${issue?.message ?? 'not valid'}`,
    remedy: 'see retail-train --help for what each option takes',
    cause: parsed.error,
  });
}

/** `decoderAttention=causal` and the like, checked by the model itself; true and false become booleans. */
function parseSwitches(given: readonly string[]): Record<string, string | boolean> {
  const names = Object.keys(SWITCH_BUNDLES.corrected) as readonly (keyof WorldModelSwitches)[];
  return Object.fromEntries(
    given.map((text) => {
      const [name = '', value = ''] = text.split('=', 2);
      if (!(names as readonly string[]).includes(name) || value === '') {
        throw new InputError({
          what: `--switch ${text} is not a switch of the model`,
          remedy: `write NAME=VALUE with one of ${names.join(', ')}`,
        });
      }
      return [name, value === 'true' ? true : value === 'false' ? false : value];
    }),
  );
}
