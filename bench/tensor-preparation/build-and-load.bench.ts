// Building tensors and loading batches. Needs the folder of a finished data pipeline, and a feature folder or --stand-in,
// which makes features of the right shapes first (not measured). The base case is a bare read of the same baskets and lines.
// Flags: --processed DIR, --features DIR, --stand-in, --runs N, --samples N, --json.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { compare, printComparison } from '../measure/compare.js';

const { values } = parseArgs({
  options: {
    processed: { type: 'string', default: 'data/processed' },
    features: { type: 'string', default: 'data/features' },
    'stand-in': { type: 'boolean', default: false },
    runs: { type: 'string', default: '3' },
    samples: { type: 'string', default: '200000' },
    json: { type: 'boolean' },
  },
});
const folder = await mkdtemp(join(tmpdir(), 'bench-tensors-'));
const processed = resolve(values.processed);
const features = values['stand-in'] ? join(folder, 'features') : resolve(values.features);
const tensors = join(folder, 'tensors');

function node(script: string, ...scriptArguments: string[]): string {
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, script), ...scriptArguments],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  if (status !== 0) throw new Error(`${script} failed`);
  return stdout;
}

try {
  if (values['stand-in']) node('stand-in-features.js', processed, features);
  printComparison(
    await compare(
      [
        {
          name: 'read baskets and lines',
          command: process.execPath,
          arguments: [join(import.meta.dirname, 'bare-read.js'), processed],
        },
        {
          name: 'retail-build-tensors',
          command: process.execPath,
          arguments: [
            resolve('packages/tensor-preparation/bin/retail-build-tensors.js'),
            '--quiet',
            '--processed',
            processed,
            '--features',
            features,
            '--tensors',
            tensors,
          ],
        },
      ],
      { runs: Number(values.runs) },
    ),
  );
  let bytes = 0;
  for (const name of await readdir(tensors, { recursive: true })) {
    const { size } = await stat(join(tensors, name));
    bytes += size;
  }
  process.stdout.write(`\ntensor folder: ${(bytes / 1e9).toFixed(3)} GB\n\n`);
  for (const [history, repeats, prefetch, samples] of [
    ['0', 'no', '0', values.samples],
    ['0', 'no', '4', values.samples],
    ['0', 'repeats', '4', String(Number(values.samples) / 4)],
    ['50', 'repeats', '4', String(Number(values.samples) / 20)],
  ] as const) {
    process.stdout.write(node('load-epoch.js', tensors, history, repeats, prefetch, samples));
  }
} finally {
  await rm(folder, { recursive: true });
}
