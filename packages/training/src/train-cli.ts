import { isAbsolute, join } from 'node:path';
import {
  defineCommand,
  formatBytes,
  formatDuration,
  formatNumber,
  main,
  option,
  packageVersion,
} from '@retail-sim/cli';
import { PRESETS } from '@retail-sim/world-model';
import { schedules } from './schedule/learning-rate.js';
import { dryRun, dryRunText } from './train/dry-run.js';
import { type TrainSummary, train } from './train/train.js';
import { deviceChoices, type GivenSettings, type RunOptions } from './train/training-options.js';

const presets = Object.keys(PRESETS) as [keyof typeof PRESETS, ...(keyof typeof PRESETS)[]];
const scheduleNames = Object.keys(schedules) as [keyof typeof schedules, ...(keyof typeof schedules)[]];
const byPreset = { otherwise: 'by preset' } as const;

const command = defineCommand({
  name: 'retail-train',
  summary: 'Trains the world model; stops and goes on to the bit',
  options: {
    tensors: option.path({ default: 'data/tensors', description: 'folder of the tensors' }),
    checkpoints: option.path({ default: 'checkpoints', description: 'folder of the checkpoints' }),
    logs: option.path({ default: 'logs', description: 'folder of JSON lines and TensorBoard events' }),
    projectRoot: option.path({
      description: 'folder that relative paths of folders start from',
      otherwise: 'the working folder',
    }),
    run: option.text({ description: 'name of the run', placeholder: 'NAME', otherwise: 'the preset' }),
    preset: option.choice(presets, {
      description: 'size of the model and of its training',
      otherwise: 'small',
    }),
    epochs: option.integer({ min: 1, description: 'passes over the training baskets', ...byPreset }),
    batchSize: option.integer({ min: 1, description: 'baskets in a micro-batch', ...byPreset }),
    gradAccum: option.integer({ min: 1, description: 'micro-batches averaged into one step', ...byPreset }),
    lr: option.number({
      description: 'peak learning rate',
      aliases: ['learning-rate'],
      placeholder: 'RATE',
      ...byPreset,
    }),
    repeatHeadLr: option.number({
      description: 'factor on the rate of the repeat head, a few scalars for all baskets',
      otherwise: '50',
    }),
    schedule: option.choice(scheduleNames, { description: 'course of the learning rate', ...byPreset }),
    warmupEpochs: option.integer({ min: 0, description: 'epochs of the first phase', ...byPreset }),
    finetuneEpochs: option.integer({ min: 0, description: 'epochs of the last phase', ...byPreset }),
    weightDecay: option.number({ min: 0, description: 'decay of matrices', otherwise: '0.01' }),
    maxGradNorm: option.number({
      description: 'gradients are clipped to this norm, to half of it in the last phase',
      otherwise: '1',
    }),
    maskProb: option.number({ max: 1, description: 'share of a basket that is hidden', otherwise: '0.15' }),
    finetuneMaskProb: option.number({
      max: 1,
      description: 'the same in the last phase',
      otherwise: '0.2',
    }),
    focalGamma: option.number({
      min: 0,
      description: 'focusing parameter of the loss; 0 is cross-entropy',
      ...byPreset,
    }),
    history: option.integer({ min: 0, description: 'earlier baskets that the encoder reads', ...byPreset }),
    mode: option.choice(['corrected', 'reference'], {
      description: 'wiring of the model: repaired, or as the reference has it',
      otherwise: 'corrected',
    }),
    switch: option.list(option.text({ description: 'a switch', placeholder: 'NAME=VALUE' }), {
      description: 'single switches of the wiring; docs/training.md lists them',
      otherwise: 'those of the mode',
    }),
    popularityStart: option.flag({
      default: true,
      description: 'start the product bias at log popularity',
    }),
    limitTrain: option.integer({
      min: 1,
      description: 'train on a seeded choice of this many baskets',
      ...byPreset,
    }),
    limitVal: option.integer({
      min: 1,
      description: 'baskets of the validation that ends an epoch',
      ...byPreset,
    }),
    evalSamples: option.integer({
      min: 1,
      description: 'baskets of a validation inside an epoch',
      ...byPreset,
    }),
    fitSteps: option.integer({
      min: 0,
      description: 'steps that fit the repeat head on the validation split after the last epoch',
      ...byPreset,
    }),
    evalEvery: option.integer({ min: 1, default: 500, description: 'steps between validations' }),
    logEvery: option.integer({ min: 1, default: 100, description: 'steps between lines of the logs' }),
    saveEvery: option.integer({ min: 1, default: 2000, description: 'steps between writes of latest' }),
    maxSteps: option.integer({ min: 1, description: 'end after this many steps', otherwise: 'all epochs' }),
    patience: option.integer({
      min: 0,
      default: 3,
      description: 'epochs without improvement that end the run; 0: none do',
    }),
    keepEpochs: option.integer({ min: 0, description: 'epoch_N folders to keep', otherwise: 'all' }),
    device: option.choice(deviceChoices, { default: 'auto', description: 'what computes' }),
    gradientCheckpointing: option.flag({
      description: 'compute layers again in the backward pass: less memory, more time',
    }),
    numWorkers: option.integer({
      min: 0,
      default: 4,
      description: 'batches that the loading thread keeps ready; 0 loads between steps',
    }),
    resume: option.text({
      description: 'go on from a checkpoint: latest, best, epoch_N, or a folder',
      placeholder: 'PATH|latest',
    }),
    resumeWeightsOnly: option.flag({ description: 'take only the weights of --resume and start anew' }),
    mlflow: option.text({ description: 'also log to this MLflow tracking server', placeholder: 'URL' }),
    dryRun: option.flag({ description: 'print parameters, memory and steps, check the data, and stop' }),
  },
  examples: [
    { command: 'pnpm retail-train --preset tiny --epochs 2', does: 'a first run on data/tensors' },
    { command: 'pnpm retail-train --preset full --dry-run', does: 'what the published model would take' },
    { command: 'pnpm retail-train --resume latest', does: 'go on after a stop, a crash or a power cut' },
  ],
  run: async ({ log, progress, seed, signal, threads }, options) => {
    const { dryRun: onlyLook, switch: switches, projectRoot = '', ...values } = options;
    const given: GivenSettings & { readonly seed: number } = {
      preset: values.preset,
      mode: values.mode,
      switches,
      epochs: values.epochs,
      batchSize: values.batchSize,
      gradAccum: values.gradAccum,
      lr: values.lr,
      repeatHeadLr: values.repeatHeadLr,
      schedule: values.schedule,
      warmupEpochs: values.warmupEpochs,
      finetuneEpochs: values.finetuneEpochs,
      weightDecay: values.weightDecay,
      maxGradNorm: values.maxGradNorm,
      maskProb: values.maskProb,
      finetuneMaskProb: values.finetuneMaskProb,
      focalGamma: values.focalGamma,
      history: values.history,
      evalSamples: values.evalSamples,
      fitSteps: values.fitSteps,
      limitTrain: values.limitTrain,
      limitVal: values.limitVal,
      ...(values.popularityStart ? {} : { popularityStart: false }),
      seed,
    };
    const how: RunOptions = {
      ...values,
      tensors: within(projectRoot, values.tensors),
      checkpoints: within(projectRoot, values.checkpoints),
      logs: within(projectRoot, values.logs),
      run: values.run ?? values.preset ?? 'small',
      threads,
    };
    const run = { ...how, given, log: log.info };
    if (onlyLook) {
      const plan = await dryRun(run);
      return { data: plan, text: dryRunText(plan) };
    }
    const summary = await train({
      ...run,
      signal,
      warn: log.warn,
      task: (label, steps) => progress.task(label, steps, 'steps'),
    });
    return { data: summary, text: summaryText(summary) };
  },
});

const within = (root: string, path: string): string => (isAbsolute(path) ? path : join(root, path));

const ENDS: Readonly<Record<TrainSummary['end'], string>> = {
  finished: 'all epochs are done',
  'max-steps': 'stopped at --max-steps',
  'early-stopping': 'stopped: validation did not improve any more',
  stopped: 'stopped by a signal; --resume latest goes on from here',
};

function summaryText(summary: TrainSummary): string {
  const { validation } = summary;
  const metrics = ['loss', 'hit@1', 'hit@10', 'mrr'].flatMap((name) => {
    const value = validation[name];
    return value === undefined ? [] : [`${name} ${formatNumber(value, 4)}`];
  });
  return [
    `${ENDS[summary.end]}: ${formatNumber(summary.steps)} steps in ${formatDuration(summary.seconds)}, ${formatNumber(summary.samplesPerSecond)} baskets/s, ${formatBytes(summary.peakBytes)} at most`,
    ...(Number.isFinite(summary.firstLoss)
      ? [
          `training loss ${formatNumber(summary.firstLoss, 4)} at first, ${formatNumber(summary.lastLoss, 4)} at last`,
        ]
      : []),
    ...(metrics.length > 0 ? [`validation ${metrics.join(', ')}`] : []),
    `checkpoints in ${join(summary.folder, '')}`,
    '',
  ].join('\n');
}

await main(command, packageVersion(import.meta.url));
