import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ProgressTask } from '@retail-sim/cli';
import { Failure } from '@retail-sim/errors';
import { fnv1a32 } from '@retail-sim/random';
import { type Batch, openLoader } from '@retail-sim/tensor-preparation';
import { afterEpoch, shouldStop } from '../early-stopping.js';
import { type EpochPlan, openEpoch, openFit, takeBestWeights } from './epoch-plan.js';
import { type OpenRunOptions, openRun, outdatedEpochs, type TrainingRun } from './open-run.js';
import { openRunLogs, type RunLogs } from './run-logs.js';
import { batchContents, groupsOf, peakBytes } from './step-groups.js';
import { type StepResult, trainingStep } from './training-step.js';
import { type ValidationResult, validate } from './validate.js';

/** Steps in a row without a finite gradient after which the run is given up (spec section 5, 7.2). */
const MOST_SKIPPED_IN_A_ROW = 10;

export interface TrainOptions extends OpenRunOptions {
  readonly signal: AbortSignal;
  readonly warn: (message: string) => void;
  readonly task: (label: string, steps: number) => ProgressTask;
}

export interface TrainSummary {
  readonly run: string;
  readonly folder: string;
  readonly end: 'finished' | 'max-steps' | 'early-stopping' | 'stopped';
  readonly epoch: number;
  readonly steps: number;
  readonly skippedSteps: number;
  /** Mean over the first and the last 25 steps of training; a single batch says little, for its baskets are of one length. */
  readonly firstLoss: number;
  readonly lastLoss: number;
  readonly validation: Readonly<Record<string, number>>;
  readonly bestLoss: number;
  readonly samplesPerSecond: number;
  readonly peakBytes: number;
  readonly seconds: number;
}

/** Trains, or goes on training, until the epochs are done, nothing improves, or the signal is aborted. */
export async function train(options: TrainOptions): Promise<TrainSummary> {
  await using run = await openRun(options);
  const logs = await openRunLogs({
    folder: options.logs,
    run: options.run,
    mlflow: options.mlflow,
    parameters: parametersOf(run),
    warn: options.warn,
  });
  try {
    const summary = await runEpochs(run, logs, options);
    await logs.close(summary.end === 'stopped' ? 'KILLED' : 'FINISHED');
    return summary;
  } catch (error) {
    await logs.close('FAILED');
    throw error;
  }
}

/** The epochs in their phases, then the fit of the repeat head, which counts as one epoch more. */
async function runEpochs(run: TrainingRun, logs: RunLogs, options: TrainOptions): Promise<TrainSummary> {
  const { settings, position } = run;
  const watch = stopWatch();
  const last = settings.epochs + (settings.fitSteps > 0 && run.model.config.switches.repeatHead ? 1 : 0);
  let end: TrainSummary['end'] = 'finished';
  while (end === 'finished' && position.epoch <= last) {
    const fitting = position.epoch > settings.epochs;
    if (fitting && position.microBatch === 0) await takeBestWeights(run, options);
    const epoch = await (fitting ? openFit(run, options) : openEpoch(run, options));
    await using loader = epoch.loader;
    const task = options.task(epoch.label, epoch.steps);
    let skippedInARow = 0;

    for await (const group of groupsOf(
      loader.batches(position.epoch, position.microBatch),
      settings.gradAccum,
    )) {
      const stepSettings = { ...epoch.settingsOfStep(position), keyOf: keysOf(settings.seed, position.step) };
      const result = await trainingStep(run.model, run.optimizer, group.map(epoch.prepare), stepSettings);
      skippedInARow = result.applied ? 0 : skippedInARow + 1;
      position.step++;
      position.microBatch += group.length;
      if (!result.applied) position.skippedSteps++;
      giveUpOnNaN(skippedInARow, group, options);

      const stepInEpoch = Math.ceil(position.microBatch / settings.gradAccum);
      watch.take(result, !fitting);
      task.update(stepInEpoch, noteOf(result, stepSettings.learningRate, watch));
      if (position.step % options.logEvery === 0 || position.step === 1) {
        logStep(logs, run, epoch, stepSettings.learningRate, result, watch);
      }
      if (position.step % options.evalEvery === 0) {
        await takeValidation(run, logs, options, settings.evalSamples);
      }
      if (position.step % options.saveEvery === 0) await run.save(['latest']);
      // Steps wait for nothing but ready promises: only a turn of the event loop lets a signal in.
      await nextTurn();
      if (options.signal.aborted) end = 'stopped';
      else if (options.maxSteps !== undefined && position.step >= options.maxSteps) end = 'max-steps';
      if (end !== 'finished' || stepInEpoch >= epoch.steps) break;
    }
    task.done(fitting ? undefined : watch.note());
    if (end === 'stopped') await run.save(['latest']);
    else end = await closeEpoch(run, logs, options, end);
    // What stops improving is the training; the fit comes after it.
    if (end === 'early-stopping' && !fitting && last > settings.epochs) {
      position.epoch = last;
      end = 'finished';
    }
  }
  return summaryOf(run, options, end, watch);
}

const keysOf =
  (seed: number, step: number) =>
  (microBatch: number): number =>
    fnv1a32(`${seed}:step:${step}:${microBatch}`);

/** Validates on the whole of the validation limit, then writes `latest`, `epoch_N`, and `best` where it is one. */
async function closeEpoch(
  run: TrainingRun,
  logs: RunLogs,
  options: TrainOptions,
  end: TrainSummary['end'],
): Promise<TrainSummary['end']> {
  const { position, settings } = run;
  const { epoch } = position;
  const result = await takeValidation(run, logs, options, settings.limitVal ?? undefined);
  const before = position.earlyStopping;
  position.earlyStopping = afterEpoch(before, epoch, result.loss);
  const best = position.earlyStopping.bestLoss < before.bestLoss ? ['best'] : [];
  if (end === 'max-steps') {
    await run.save(['latest', ...best]);
    return end;
  }
  position.epoch++;
  position.microBatch = 0;
  logs.record('epoch', position.step, { epoch, ...result });
  const named = epoch <= settings.epochs ? [`epoch_${epoch}`] : [];
  await run.save([...named, 'latest', ...best]);
  const folder = join(options.checkpoints, options.run);
  for (const name of outdatedEpochs(folder, options.keepEpochs ?? Number.POSITIVE_INFINITY)) {
    rmSync(join(folder, name), { recursive: true });
  }
  await logs.flush();
  return shouldStop(position.earlyStopping, options.patience) ? 'early-stopping' : end;
}

async function takeValidation(
  run: TrainingRun,
  logs: RunLogs,
  options: TrainOptions,
  limit: number | undefined,
): Promise<ValidationResult> {
  const { settings, tensors, model, position } = run;
  await using loader = await openLoader({
    ...batchContents(options.tensors, settings, model.config),
    split: 'val',
    shuffle: false,
    prefetch: options.numWorkers,
    maskProbability: settings.maskProb,
    repeats: true,
    similarBaskets: true,
    ...(limit === undefined ? {} : { limit }),
  });
  const result = await validate(model, loader.batches(0), {
    focalGamma: settings.focalGamma,
    maskToken: tensors.manifest.vocab.mask,
  });
  position.metrics = { ...result };
  logs.record('validation', position.step, { ...result });
  options.log(
    `step ${position.step}: validation loss ${result.loss.toFixed(4)}, hit@1 ${result['hit@1'].toFixed(4)}, hit@10 ${result['hit@10'].toFixed(4)}, MRR ${result.mrr.toFixed(4)} on ${result.baskets} baskets`,
  );
  return result;
}

function giveUpOnNaN(
  skippedInARow: number,
  group: readonly Batch[],
  { checkpoints, run }: TrainOptions,
): void {
  if (skippedInARow < MOST_SKIPPED_IN_A_ROW) return;
  const rows = group.flatMap(({ keys }) => [...keys.basketRow.subarray(0, 3)]).join(', ');
  throw new Failure(
    `the gradient was not finite in ${skippedInARow} steps in a row, last at the basket rows ${rows}, ...; the weights are those before`,
    {
      remedy: `lower --lr, then go on from ${join(checkpoints, run, 'latest')} with --resume latest --resume-weights-only`,
    },
  );
}

function logStep(
  logs: RunLogs,
  { position }: TrainingRun,
  { phase, maskRate }: EpochPlan,
  learningRate: number,
  { losses, gradientNorm, padding }: StepResult,
  watch: StopWatch,
): void {
  logs.record('train', position.step, {
    epoch: position.epoch,
    phase,
    lr: learningRate,
    maskRate,
    loss: losses.total,
    meanLoss: watch.meanLoss(),
    ...Object.fromEntries(Object.entries(losses).filter(([name]) => name !== 'total')),
    gradientNorm,
    samplesPerSecond: watch.samplesPerSecond(),
    padding,
    peakBytes: peakBytes(),
    skippedSteps: position.skippedSteps,
  });
}

const noteOf = ({ losses }: StepResult, learningRate: number, watch: StopWatch): string =>
  `loss ${losses.total.toFixed(4)}  lr ${learningRate.toExponential(1)}  ${watch.samplesPerSecond().toFixed(0)} samples/s`;

/** Speed and mean loss of this process. */
interface StopWatch {
  /** `counts` is false for steps whose loss has other weights. */
  readonly take: (result: StepResult, counts: boolean) => void;
  readonly samplesPerSecond: () => number;
  /** Over the latest steps. */
  readonly meanLoss: () => number;
  /** Over as many steps at the start. */
  readonly firstLoss: () => number;
  readonly seconds: () => number;
  readonly note: () => string;
}

const LOSS_WINDOW = 25;

function stopWatch(): StopWatch {
  const started = performance.now();
  const first: number[] = [];
  const latest: number[] = [];
  let samples = 0;
  const seconds = (): number => (performance.now() - started) / 1000;
  const mean = (losses: readonly number[]): number =>
    losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  return {
    take: ({ losses, samples: taken, applied }, counts) => {
      samples += taken;
      if (!applied || !counts) return;
      if (first.length < LOSS_WINDOW) first.push(losses.total);
      latest.push(losses.total);
      if (latest.length > LOSS_WINDOW) latest.shift();
    },
    samplesPerSecond: () => samples / seconds(),
    meanLoss: () => mean(latest),
    firstLoss: () => mean(first),
    seconds,
    note: () => `mean loss ${mean(latest).toFixed(4)}`,
  };
}

function summaryOf(
  { position }: TrainingRun,
  options: TrainOptions,
  end: TrainSummary['end'],
  watch: StopWatch,
): TrainSummary {
  return {
    run: options.run,
    folder: join(options.checkpoints, options.run),
    end,
    epoch: position.epoch,
    steps: position.step,
    skippedSteps: position.skippedSteps,
    firstLoss: watch.firstLoss(),
    lastLoss: watch.meanLoss(),
    validation: position.metrics,
    bestLoss: position.earlyStopping.bestLoss,
    samplesPerSecond: watch.samplesPerSecond(),
    peakBytes: peakBytes(),
    seconds: watch.seconds(),
  };
}

function parametersOf({ settings }: TrainingRun): Record<string, string | number | boolean> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      name,
      typeof value === 'object' ? JSON.stringify(value) : value,
    ]),
  );
}
