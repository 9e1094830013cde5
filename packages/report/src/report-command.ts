import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { publishFile } from '@retail-sim/artifacts';
import { defineCommand, formatBytes, option } from '@retail-sim/cli';
import { buildReport } from './build-report.js';

/** Written by `retail-sim run` beside the folder of processed data. */
const RUN_RECORD = 'retail-sim-run.json';

export const reportCommand = defineCommand({
  name: 'retail-report',
  summary: 'Writes one page about a run: data, prices, graph, split, training, evaluation, cost, lineage',
  options: {
    raw: option.path({ default: 'raw_data', description: 'folder of the raw data' }),
    processed: option.path({ default: 'data/processed', description: 'folder of the data pipeline' }),
    features: option.path({ default: 'data/features', description: 'folder of feature engineering' }),
    tensors: option.path({ default: 'data/tensors', description: 'folder of the tensors' }),
    checkpoints: option.path({ default: 'checkpoints', description: 'folder of the checkpoints' }),
    results: option.path({ default: 'results', description: 'folder of the evaluations' }),
    logs: option.path({ default: 'logs', description: 'folder of the logs of training' }),
    run: option.text({ default: 'small', description: 'name of the training run', placeholder: 'NAME' }),
    out: option.path({ of: 'file', default: 'reports/report.html', description: 'file to write' }),
    title: option.text({ default: 'RetailSim run', description: 'heading of the page' }),
    runRecord: option.path({
      of: 'file',
      description: 'what the stages took, as retail-sim run measured',
      otherwise: `${RUN_RECORD} beside --processed`,
    }),
  },
  examples: [
    { command: 'pnpm retail-report', does: 'reports/report.html, readable offline on any device' },
    { command: 'pnpm retail-report --out today.html --title "Week 12"', does: 'another file and heading' },
  ],
  run: async ({ progress, signal, threads }, options) => {
    const { raw, processed, features, tensors, checkpoints, results, logs, run, out, title } = options;
    const task = progress.task('report', undefined, 'sections');
    let shown = 0;
    const report = await buildReport({
      folders: { raw, processed, features, tensors, checkpoints },
      title,
      run,
      results,
      logs,
      runRecord: options.runRecord ?? join(dirname(processed), RUN_RECORD),
      threads,
      signal,
      progress: (done) => {
        task.advance(done - shown);
        shown = done;
      },
    });
    task.done();
    await mkdir(dirname(out), { recursive: true });
    await publishFile(out, (temporary) => writeFile(temporary, report.html));
    const bytes = Buffer.byteLength(report.html);
    return {
      data: { file: out, bytes, findings: report.findings },
      text: [...report.findings.map((finding) => `- ${finding}`), `${out} (${formatBytes(bytes)})`, ''].join(
        '\n',
      ),
    };
  },
});
