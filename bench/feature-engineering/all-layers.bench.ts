// All layers of feature engineering at growing numbers of rows. Makes the data pipeline's folders first (not measured), then
// runs the command on each, every layer anew. Prints CPU seconds and memory of the whole process, of each layer, and the
// CPU time per row.
// Flags: --raw DIR (a folder of raw transactions), --rows 10000,300000,all, --runs N, --threads N, --embedding NAME, --json.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { formatTable } from '@retail-sim/cli';
import { z } from 'zod';
import { type CaseResult, compare, median, printComparison } from '../measure/compare.js';

const { values } = parseArgs({
  options: {
    raw: { type: 'string', default: 'raw_data' },
    rows: { type: 'string', default: '10000,300000,all' },
    runs: { type: 'string', default: '3' },
    threads: { type: 'string', default: '1' },
    embedding: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const folder = await mkdtemp(join(tmpdir(), 'bench-features-'));
const command = (name: string) => resolve(`packages/${name}/bin/retail-${name}.js`);

const report = z.object({
  layers: z.array(z.object({ name: z.string(), cpuSeconds: z.number(), rows: z.number() })),
});
const manifest = z.object({ counts: z.record(z.string(), z.number()) });

interface Size {
  readonly name: string;
  readonly processed: string;
  /** Accepted lines of the raw data. */
  readonly lines: number;
}

try {
  const sizes: Size[] = [];
  for (const rows of values.rows.split(',')) {
    const processed = join(folder, rows, 'processed');
    const limit = rows === 'all' ? [] : ['--nrows', rows];
    const { status } = spawnSync(
      process.execPath,
      [command('data-pipeline'), '--raw', resolve(values.raw), '--processed', processed, '--quiet', ...limit],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    if (status !== 0) throw new Error(`retail-data-pipeline failed for ${rows} rows`);
    const { counts } = manifest.parse(JSON.parse(await readFile(join(processed, 'manifest.json'), 'utf8')));
    sizes.push({ name: `${rows} rows`, processed, lines: counts['lines'] ?? Number(rows) });
  }
  const results = await compare(
    sizes.map(({ name, processed }) => ({
      name,
      command: process.execPath,
      arguments: [
        command('feature-engineering'),
        '--processed',
        processed,
        '--features',
        join(folder, name, 'features'),
        '--threads',
        values.threads,
        '--force',
        '--quiet',
        '--json',
        ...(values.embedding === undefined ? [] : ['--embedding', values.embedding]),
      ],
    })),
    { runs: Number(values.runs) },
  );
  printComparison(results, { base: sizes[0]?.name ?? '' });
  if (!values.json) process.stdout.write(`\n${perLayer(sizes, results)}`);
} finally {
  await rm(folder, { recursive: true });
}

/**
 * Median CPU seconds of each layer; microseconds of the whole process per accepted line, and per line more than in the
 * column before: constant where the cost grows in step with the rows.
 */
function perLayer(sizes: readonly Size[], results: readonly CaseResult[]): string {
  const measured = results.map(({ runs }) =>
    runs.map(({ stdout }) => report.parse(JSON.parse(stdout)).layers),
  );
  const layers = measured[0]?.[0]?.map(({ name }) => name) ?? [];
  const cpu = results.map(({ runs }) => median(runs.map(({ cpuSeconds }) => cpuSeconds)));
  const lines = (place: number) => sizes[place]?.lines ?? 1;
  const right = (title: string) => ({ title, align: 'right' as const });
  return formatTable(
    [{ title: 'CPU s' }, ...sizes.map(({ name }) => right(name))],
    [
      ...layers.map((layer, place) => [
        layer,
        ...measured.map((runs) => median(runs.map((run) => run[place]?.cpuSeconds ?? 0)).toFixed(2)),
      ]),
      ['lines', ...sizes.map(({ lines }) => String(lines))],
      ['us a line', ...cpu.map((seconds, place) => ((1e6 * seconds) / lines(place)).toFixed(1))],
      [
        'us a further line',
        ...cpu.map((seconds, place) =>
          place === 0
            ? ''
            : ((1e6 * (seconds - (cpu[place - 1] ?? 0))) / (lines(place) - lines(place - 1))).toFixed(1),
        ),
      ],
    ],
  );
}
