import { execFileSync } from 'node:child_process';
import { basename, join } from 'node:path';
import { TOOL_VERSION } from '@retail-sim/artifacts';
import { InputError } from '@retail-sim/errors';
import { type OpenTensors, openLoader, openTensors, type SplitName } from '@retail-sim/tensor-preparation';
import {
  createWorldModel,
  type Device,
  type DeviceName,
  fetchVariables,
  resolveDevice,
  resolveWorldModelConfig,
  type WorldModel,
  type WorldModelConfig,
  type WorldModelSwitches,
  worldModelConfigSchema,
} from '@retail-sim/world-model';
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from '../checkpoint/checkpoint.js';
import { findCheckpoint, listCheckpoints } from '../checkpoint/checkpoint-folder.js';
import { dataHash } from '../checkpoint/data-hash.js';
import { STATE_VERSION, type TrainingState } from '../checkpoint/training-state.js';
import { type EarlyStopping, NO_VALIDATION_YET } from '../early-stopping.js';
import { initialiseHeads } from './initialise-heads.js';
import { createOptimizer, type Optimizer } from './optimizer.js';
import {
  completeSettings,
  type GivenSettings,
  parseSettings,
  type RunOptions,
  resumedSettings,
  type TrainingSettings,
} from './training-options.js';

/** Where a run stands; random numbers need no state, for every generator is keyed (spec section 5, 8.1). */
export interface Position {
  /** Epoch in progress, from 1. */
  epoch: number;
  /** Micro-batches of that epoch that are in the weights. */
  microBatch: number;
  /** Optimizer steps so far, skipped ones included. */
  step: number;
  skippedSteps: number;
  earlyStopping: EarlyStopping;
  /** Of the latest validation. */
  metrics: Readonly<Record<string, number>>;
}

/** An open run: everything that a training step needs. */
export interface TrainingRun extends AsyncDisposable {
  readonly settings: TrainingSettings;
  readonly tensors: OpenTensors;
  readonly device: Device;
  readonly model: WorldModel;
  readonly optimizer: Optimizer;
  readonly position: Position;
  /** Writes the run as it stands under names such as `latest`. */
  readonly save: (names: readonly string[]) => Promise<void>;
}

/** What a run is opened with: settings that may be left out, and how it is done. */
export type OpenRunOptions = RunOptions & {
  readonly given: GivenSettings & { readonly seed: number };
  readonly log: (message: string) => void;
};

/**
 * Opens a new run, or one that goes on from a checkpoint.
 *
 * @throws InputError for tensors, a checkpoint, a device or options that cannot be used together
 */
export async function openRun(options: OpenRunOptions): Promise<TrainingRun> {
  const tensors = await openTensors(options.tensors);
  try {
    const stored = await storedCheckpoint(options);
    const settings = settingsOf(options, stored);
    const config = modelConfig(settings, tensors);
    if (stored !== undefined) checkSameRun(stored.state, config, tensors, options);
    for (const split of ['train', 'val'] as const) await checkNotEmpty(options.tensors, split);
    const device = await resolveDevice(options.device, { threads: options.threads });
    options.log(`device ${device.name}: ${device.description}`);
    const model = createWorldModel(config, { seed: settings.seed, ...specialRows(tensors) });
    if (stored !== undefined) model.loadStateDict(stored.model);
    else if (settings.popularityStart) model.loadStateDict(initialiseHeads(model.stateDict(), tensors));
    const optimizer = createOptimizer(model.parameters(), {
      weightDecay: settings.weightDecay,
      repeatHeadRate: settings.repeatHeadLr,
    });
    const position = startOf(stored, options);
    if (stored !== undefined && !options.resumeWeightsOnly) {
      optimizer.loadStateDict(stored.optimizer, position.step - position.skippedSteps);
    }
    const run = { settings, tensors, device, model, optimizer, position };
    return {
      ...run,
      save: async (names) => {
        await fetchVariables();
        await saveCheckpoint(
          names.map((name) => join(options.checkpoints, options.run, name)),
          { state: stateOf(run), model: model.stateDict(), optimizer: optimizer.stateDict() },
        );
      },
      [Symbol.asyncDispose]: async () => {
        optimizer.dispose();
        model.dispose();
        tensors.close();
        await device.close();
      },
    };
  } catch (error) {
    tensors.close();
    throw error;
  }
}

/** A split without baskets would show at the first validation: too late. @throws InputError */
async function checkNotEmpty(folder: string, split: SplitName): Promise<void> {
  const loader = await openLoader({ folder, split, batchSize: 1, seed: 0, limit: 1, prefetch: 0 });
  await loader.close();
}

async function storedCheckpoint({
  checkpoints,
  run,
  resume,
}: OpenRunOptions): Promise<Checkpoint | undefined> {
  if (resume === undefined) return undefined;
  return loadCheckpoint(findCheckpoint(join(checkpoints, run), resume));
}

function settingsOf(options: OpenRunOptions, stored: Checkpoint | undefined): TrainingSettings {
  if (stored === undefined || options.resumeWeightsOnly) return completeSettings(options.given);
  const before = parseSettings(stored.state.training);
  const settings = resumedSettings(before, options.given);
  if (settings.epochs !== before.epochs) {
    options.log(`epochs grow from ${before.epochs} to ${settings.epochs}: the schedule is stretched`);
  }
  return settings;
}

/** The model of these settings on this vocabulary. @throws InputError for a switch that the model refuses */
export function modelConfig(settings: TrainingSettings, { manifest }: OpenTensors): WorldModelConfig {
  const { vocab, maxSeqLen } = manifest;
  return resolveWorldModelConfig({
    preset: settings.preset,
    mode: settings.mode,
    classes: vocab.size,
    products: vocab.products,
    maxBasketLength: maxSeqLen,
    switches: {
      ...(settings.mode === 'corrected' ? { similarBaskets: true } : {}),
      // Checked by the model's own schema, which knows every value.
      ...(settings.switches as Partial<WorldModelSwitches>),
    },
  });
}

/** The MASK and EOS rows of the product table, which the model's own start from. */
function specialRows({ tables }: OpenTensors) {
  const { vocabulary, products } = tables;
  const width = products.embeddings.length / vocabulary.size;
  const row = (token: number) => products.embeddings.slice(token * width, (token + 1) * width);
  return { specialEmbeddings: { mask: row(vocabulary.mask), eos: row(vocabulary.eos) } };
}

function checkSameRun(
  state: TrainingState,
  config: WorldModelConfig,
  tensors: OpenTensors,
  options: OpenRunOptions,
): void {
  const refuse = (what: string, remedy: string): never => {
    throw new InputError({ what, where: { file: options.resume ?? '' }, remedy });
  };
  if (state.tensors.vocabularySha256 !== tensors.manifest.vocab.sha256) {
    refuse(
      `the checkpoint was trained on another vocabulary than ${options.tensors} has`,
      'name the tensors that it was trained on with --tensors, or train anew',
    );
  }
  if (options.resumeWeightsOnly) return;
  if (state.tensors.contentHash !== dataHash(tensors)) {
    refuse(
      `the checkpoint was trained on other data than ${options.tensors} holds`,
      'name the tensors that it was trained on with --tensors, or start anew with --resume-weights-only',
    );
  }
  const before = worldModelConfigSchema.safeParse(state.model);
  if (
    !before.success ||
    JSON.stringify(before.data) !== JSON.stringify(worldModelConfigSchema.parse(config))
  ) {
    refuse(
      'the checkpoint holds another model than these options describe',
      'leave out the options that differ, or train anew',
    );
  }
}

function startOf(stored: Checkpoint | undefined, { resumeWeightsOnly }: OpenRunOptions): Position {
  if (stored === undefined || resumeWeightsOnly) {
    return {
      epoch: 1,
      microBatch: 0,
      step: 0,
      skippedSteps: 0,
      earlyStopping: NO_VALIDATION_YET,
      metrics: {},
    };
  }
  const { epoch, microBatch, step, skippedSteps, earlyStopping, metrics } = stored.state;
  return {
    epoch,
    microBatch,
    step,
    skippedSteps,
    earlyStopping: { ...earlyStopping, bestLoss: earlyStopping.bestLoss ?? Number.POSITIVE_INFINITY },
    metrics: Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, value ?? Number.NaN])),
  };
}

type Saved = Pick<TrainingRun, 'settings' | 'tensors' | 'device' | 'model' | 'position'>;

function stateOf({ settings, tensors, device, model, position }: Saved): TrainingState {
  const { earlyStopping, metrics, ...where } = position;
  return {
    stateVersion: STATE_VERSION,
    model: { ...model.config },
    training: { ...settings },
    seed: settings.seed,
    ...where,
    earlyStopping: { ...earlyStopping, bestLoss: finiteOrNull(earlyStopping.bestLoss) },
    tensors: { contentHash: dataHash(tensors), vocabularySha256: tensors.manifest.vocab.sha256 },
    metrics: Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, finiteOrNull(value)])),
    writtenBy: {
      toolVersion: TOOL_VERSION,
      node: process.version,
      device: `${device.name satisfies DeviceName}: ${device.description}`,
      gitRevision: gitRevision(),
    },
  };
}

const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

let knownRevision: string | null | undefined;

/** Commit of the working folder; null outside a repository. */
function gitRevision(): string | null {
  if (knownRevision !== undefined) return knownRevision;
  try {
    knownRevision = execFileSync('git', ['rev-parse', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    knownRevision = null;
  }
  return knownRevision;
}

/** Names of `epoch_N` checkpoints beyond the newest `keep`. */
export function outdatedEpochs(runFolder: string, keep: number): readonly string[] {
  const number = (name: string): number => Number(basename(name).slice('epoch_'.length));
  const names = listCheckpoints(runFolder).filter((name) => /^epoch_\d+$/.test(name));
  return [...names].sort((left, right) => number(right) - number(left)).slice(keep);
}
