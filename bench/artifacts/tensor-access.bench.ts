// What a loader pays for batches of random rows of a tensor file that it does not hold in memory, against opening the
// file alone: CPU per sample and peak memory at two file sizes. Flags: --samples N, --batch N, --runs N.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compare, printComparison } from '../measure/compare.js';
import { measureCommand } from '../measure/measure-command.js';

const { values } = parseArgs({
  options: {
    samples: { type: 'string', default: '50000' },
    batch: { type: 'string', default: '128' },
    runs: { type: 'string', default: '3' },
    json: { type: 'boolean' },
  },
});
const folder = await mkdtemp(join(tmpdir(), 'tensor-access-'));

try {
  for (const rows of [50_000, 400_000]) {
    const path = join(folder, `${rows}.arrow`);
    const run = (action: string) => ({
      name: `${action} ${rows}`,
      command: process.execPath,
      arguments: [
        join(import.meta.dirname, 'read-samples.js'),
        action,
        String(rows),
        path,
        values.samples,
        values.batch,
      ],
    });
    await measureCommand(run('write'));
    const results = await compare(['none', 'sequential', 'random', 'sorted'].map(run), {
      runs: Number(values.runs),
    });
    printComparison(results);
    process.stdout.write('\n');
  }
} finally {
  await rm(folder, { recursive: true });
}
