// What sample data costs: CPU seconds and peak memory for 500 customers over 117 weeks (about 280,000 rows), and how
// both grow with threads, with moving prices and with eight times the customers. Memory holds one week, the
// repertoires of all customers and, for each thread, its own copy of both.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compare, printComparison } from '../measure/compare.js';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '3' }, json: { type: 'boolean' } },
});
const bin = join(
  import.meta.dirname,
  '..',
  '..',
  '..',
  'packages',
  'sample-data',
  'bin',
  'retail-sample-data.js',
);
const folder = await mkdtemp(join(tmpdir(), 'bench-sample-data-'));

function sampleCase(name: string, customers: number, ...flags: readonly string[]) {
  const out = join(folder, name.replaceAll(/\W+/g, '-'));
  return {
    name,
    command: process.execPath,
    arguments: [bin, '--customers', String(customers), '--out', out, '--quiet', ...flags],
  };
}

try {
  const results = await compare(
    [
      sampleCase('500 customers', 500, '--threads', '1'),
      sampleCase('500, two threads', 500, '--threads', '2'),
      sampleCase('500, promo', 500, '--threads', '1', '--profile', 'promo'),
      sampleCase('4,000 customers', 4000, '--threads', '1'),
    ],
    { runs: Number(values.runs) },
  );
  printComparison(results);
} finally {
  await rm(folder, { recursive: true, force: true });
}
