import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publishFile } from '@retail-sim/artifacts';
import { defineCommand, main, option, type ProgressTask, packageVersion } from '@retail-sim/cli';
import { SPLITS } from '@retail-sim/tensor-preparation';
import { evaluate } from './evaluation/evaluate.js';
import { toCsv } from './evaluation/evaluation-report.js';
import { evaluationText } from './evaluation/evaluation-text.js';
import { segmentNames } from './segments/segment.js';

const command = defineCommand({
  name: 'retail-evaluate',
  summary: 'Judges a checkpoint against baselines on the same samples',
  options: {
    tensors: option.path({ default: 'data/tensors', description: 'folder of the tensors' }),
    checkpoints: option.path({ default: 'checkpoints', description: 'folder of the checkpoints' }),
    baselinesOnly: option.flag({ description: 'judge the baselines without a model' }),
    split: option.choice(SPLITS, { default: 'test', description: 'split to judge on' }),
    batchSize: option.integer({ min: 1, default: 64, description: 'baskets in a batch' }),
    limit: option.integer({
      min: 1,
      description: 'judge a seeded choice of this many baskets',
      otherwise: 'all',
    }),
    detailed: option.flag({ description: 'print every segment; the files always hold them' }),
    output: option.path({ default: 'results', description: 'folder of the JSON and CSV files' }),
  },
  examples: [{ command: 'pnpm retail-evaluate', does: 'the best checkpoint on the test split' }],
  run: async ({ seed, signal, progress }, options) => {
    let task: ProgressTask | undefined;
    const evaluation = await evaluate({
      tensors: options.tensors,
      split: options.split,
      batchSize: options.batchSize,
      seed,
      segments: segmentNames,
      signal,
      ...(options.limit === undefined ? {} : { limit: options.limit }),
      progress: (what, done, total) => {
        task ??= progress.task(what, total, what);
        task.update(done);
        if (done === total) task.done();
      },
    });
    const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
    const file = join(options.output, `eval_${options.split}_${time}`);
    await publishFile(`${file}.json`, (path) => writeFile(path, `${JSON.stringify(evaluation, null, 2)}\n`));
    await publishFile(`${file}.csv`, (path) => writeFile(path, toCsv(evaluation.rows)));
    return {
      data: { ...evaluation, files: [`${file}.json`, `${file}.csv`] },
      text: evaluationText(evaluation, options.detailed),
    };
  },
});
await main(command, packageVersion(import.meta.url));
