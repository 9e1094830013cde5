// One run on many rows in little memory: peak resident memory must follow --memory-limit, not the input. Prints what
// each stage took, and what 300 million rows would take if time grows with the rows (sorting grows a little faster).
// Flags: --raw DIR (needed), --memory-limit SIZE, --threads N, --to DIR (kept; else a temporary folder).
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { measureCommand } from '../measure/measure-command.js';
import { stepsOf, stepTable } from './step-table.js';

const TARGET_ROWS = 300e6;

const { values } = parseArgs({
  options: {
    raw: { type: 'string' },
    'memory-limit': { type: 'string', default: '2GB' },
    threads: { type: 'string', default: '2' },
    to: { type: 'string' },
  },
});
if (values.raw === undefined) throw new Error('--raw DIR is needed: a folder of many transactions');
const folder = values.to === undefined ? await mkdtemp(join(tmpdir(), 'bench-scale-')) : resolve(values.to);
try {
  const { cpuSeconds, wallSeconds, peakMegabytes, stdout } = await measureCommand({
    command: process.execPath,
    arguments: [
      resolve('packages/data-pipeline/bin/retail-data-pipeline.js'),
      ...[
        '--raw',
        resolve(values.raw),
        '--processed',
        join(folder, 'processed'),
        '--force',
        '--json',
        '--quiet',
      ],
      ...['--threads', values.threads, '--memory-limit', values['memory-limit']],
    ],
  });
  const steps = stepsOf(stdout);
  const rows = steps.find(({ step }) => step === 'read')?.rows ?? 0;
  const factor = TARGET_ROWS / rows;
  process.stdout.write(stepTable(steps));
  process.stdout.write(
    `\n${rows} rows: ${cpuSeconds.toFixed(0)} CPU s, ${wallSeconds.toFixed(0)} s wall, peak ${peakMegabytes.toFixed(0)} MB\n` +
      `${TARGET_ROWS} rows at the same rate: ${((cpuSeconds * factor) / 60).toFixed(1)} CPU minutes, ${((wallSeconds * factor) / 60).toFixed(1)} minutes wall\n`,
  );
} finally {
  if (values.to === undefined) await rm(folder, { recursive: true });
}
