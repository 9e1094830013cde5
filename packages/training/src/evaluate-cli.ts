import { writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { publishFile } from '@retail-sim/artifacts';
import { defineCommand, main, option, type ProgressTask, packageVersion } from '@retail-sim/cli';
import { SPLITS } from '@retail-sim/tensor-preparation';
import { resolveDevice } from '@retail-sim/world-model';
import { findCheckpoint, newestRun } from './checkpoint/checkpoint-folder.js';
import { checkpointOptions } from './checkpoint/checkpoint-options.js';
import { ablationNames } from './evaluation/ablations.js';
import { evaluate } from './evaluation/evaluate.js';
import { toCsv } from './evaluation/evaluation-report.js';
import { evaluationText } from './evaluation/evaluation-text.js';
import { segmentNames } from './segments/segment.js';
import { deviceChoices } from './train/training-options.js';

const command = defineCommand({
  name: 'retail-evaluate',
  summary: 'Judges a checkpoint and the baselines on the same hidden products',
  options: {
    tensors: option.path({ default: 'data/tensors', description: 'folder of the tensors' }),
    ...checkpointOptions,
    projectRoot: option.path({
      description: 'folder that relative paths of folders start from',
      otherwise: 'the working folder',
    }),
    baselinesOnly: option.flag({ description: 'judge the baselines without a model' }),
    split: option.choice(SPLITS, { default: 'test', description: 'split to judge on' }),
    batchSize: option.integer({ min: 1, default: 64, description: 'baskets in a batch' }),
    limit: option.integer({
      min: 1,
      description: 'judge a seeded choice of this many baskets',
      otherwise: 'all',
    }),
    ablate: option.list(option.choice(ablationNames, { description: 'block' }), {
      description: 'judge the model without each of these inputs as well',
      otherwise: 'none',
    }),
    segments: option.list(option.choice(segmentNames, { description: 'breakdown' }), {
      description: 'breakdowns to compute',
      otherwise: 'all',
    }),
    detailed: option.flag({ description: 'print the breakdowns; the files always hold them' }),
    device: option.choice(deviceChoices, { default: 'auto', description: 'what computes' }),
    output: option.path({ default: 'results', description: 'folder of the JSON and CSV files' }),
  },
  arguments: [{ name: 'CHECKPOINT', description: 'the same as --checkpoint', required: false }],
  examples: [
    {
      command: 'pnpm retail-evaluate --checkpoint best --split test',
      does: 'the best checkpoint of the run that was trained last',
    },
    { command: 'pnpm retail-evaluate --baselines-only', does: 'what a model has to beat' },
    {
      command: 'pnpm retail-evaluate --limit 4096 --ablate history,repeats',
      does: 'what single inputs are worth, on a part of the split',
    },
  ],
  run: async ({ seed, signal, progress, threads, log }, options, [given]) => {
    const { projectRoot = '' } = options;
    const checkpoints = within(projectRoot, options.checkpoints);
    const checkpoint = options.baselinesOnly
      ? undefined
      : findCheckpoint(join(checkpoints, options.run ?? newestRun(checkpoints)), given ?? options.checkpoint);
    const device = checkpoint === undefined ? undefined : await resolveDevice(options.device, { threads });
    if (device !== undefined) log.info(`${checkpoint} on device ${device.name}: ${device.description}`);
    let task: ProgressTask | undefined;
    const evaluation = await evaluate({
      tensors: within(projectRoot, options.tensors),
      split: options.split,
      batchSize: options.batchSize,
      seed,
      segments: options.segments ?? segmentNames,
      ablate: options.ablate ?? [],
      signal,
      ...(checkpoint === undefined ? {} : { checkpoint }),
      ...(options.limit === undefined ? {} : { limit: options.limit }),
      progress: (what, done, total) => {
        task ??= progress.task(what, total, what);
        task.update(done);
        if (done === total) task.done();
      },
    });
    await device?.close();
    const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
    const file = join(within(projectRoot, options.output), `eval_${options.split}_${time}`);
    await publishFile(`${file}.json`, (path) => writeFile(path, `${JSON.stringify(evaluation, null, 2)}\n`));
    await publishFile(`${file}.csv`, (path) => writeFile(path, toCsv(evaluation.rows)));
    return {
      data: { ...evaluation, files: [`${file}.json`, `${file}.csv`] },
      text: `${evaluationText(evaluation, options.detailed)}\n${file}.json and .csv hold all of it\n`,
    };
  },
});

const within = (root: string, path: string): string => (isAbsolute(path) ? path : join(root, path));

await main(command, packageVersion(import.meta.url));
