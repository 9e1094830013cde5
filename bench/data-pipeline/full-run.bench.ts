// The four stages from CSV as one process, beside bare scans of the same files: one that counts values of known types
// (the base of the ratios), one that keeps its rows, one that finds out the types itself; then the first rows only.
// Prints what each stage took in the last run. Flags: --raw DIR, --runs N, --nrows N, --memory-limit SIZE, --threads N, --json.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { compare, printComparison } from '../measure/compare.js';
import { stepsOf, stepTable } from './step-table.js';

const { values } = parseArgs({
  options: {
    raw: { type: 'string', default: '../shared/data/lgsr' },
    runs: { type: 'string', default: '3' },
    nrows: { type: 'string', default: '10000' },
    'memory-limit': { type: 'string', default: '1GB' },
    threads: { type: 'string', default: '2' },
    json: { type: 'boolean' },
  },
});
const raw = resolve(values.raw);
const folder = await mkdtemp(join(tmpdir(), 'bench-pipeline-'));
const run = (name: string, ...flags: string[]) => ({
  name,
  command: process.execPath,
  arguments: [
    resolve('packages/data-pipeline/bin/retail-data-pipeline.js'),
    ...['--raw', raw, '--processed', join(folder, name.replaceAll(' ', '-')), '--force', '--json', '--quiet'],
    ...['--threads', values.threads, '--memory-limit', values['memory-limit'], ...flags],
  ],
});
const scan = (name: string, kind: string) => ({
  name,
  command: process.execPath,
  arguments: [join(import.meta.dirname, 'bare-scan.js'), raw, values.threads, kind],
});

try {
  const results = await compare(
    [
      scan('bare scan', 'count'),
      scan('scan, rows kept', 'keep'),
      scan('scan, types guessed', 'guess'),
      run('all four stages'),
      run('first rows', '--nrows', values.nrows),
    ],
    { runs: Number(values.runs) },
  );
  printComparison(results);
  for (const { name, runs } of results.filter(({ runs }) => runs[0]?.stdout.startsWith('{'))) {
    const last = runs.at(-1);
    if (last !== undefined && values.json !== true)
      process.stdout.write(`\n${name}\n${stepTable(stepsOf(last.stdout))}`);
  }
} finally {
  await rm(folder, { recursive: true });
}
