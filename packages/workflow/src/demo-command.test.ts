// The demo as a user runs it: real processes, real folders.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

const command = join(import.meta.dirname, '..', 'bin', 'retail-sim.js');
const resultSchema = z.object({ stages: z.array(z.object({ stage: z.string(), ran: z.boolean() })) });

let folder = '';
let config = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'demo-'));
  config = join(folder, 'small.yaml');
  writeFileSync(config, 'sample-data:\n  customers: 20\n  weeks: 6\n  products: 200\n  stores: 10\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const argv = (...flags: string[]): string[] => [
  command,
  'demo',
  '--stages',
  'sample-data',
  '--config',
  config,
  ...['raw', 'processed', 'features', 'tensors', 'checkpoints'].flatMap((name) => [
    `--${name}`,
    join(folder, 'run', name),
  ]),
  ...flags,
];

function demo(...flags: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, argv('--json', ...flags), {
    encoding: 'utf8',
  });
  return { status, stderr, stages: stdout === '' ? [] : resultSchema.parse(JSON.parse(stdout)).stages };
}

describe('the demo', () => {
  it('runs what is missing and leaves out what is up to date', () => {
    const first = demo();
    expect(first.stderr).toMatch(/1\/1 sample-data: .*done/);
    expect(first).toMatchObject({ status: 0, stages: [{ stage: 'sample-data', ran: true }] });
    const second = demo();
    expect(second.stderr).toMatch(/1\/1 sample-data: up to date/);
    expect(second.stages).toEqual([{ stage: 'sample-data', ran: false }]);
  });

  it('runs again for another seed, a missing file, and --force', () => {
    expect(demo('--seed', '5').stages).toEqual([{ stage: 'sample-data', ran: true }]);
    unlinkSync(join(folder, 'run', 'raw', 'time.csv'));
    expect(demo('--seed', '5').stages).toEqual([{ stage: 'sample-data', ran: true }]);
    expect(demo('--seed', '5', '--force').stages).toEqual([{ stage: 'sample-data', ran: true }]);
  });

  it('passes a stage’s refusal on with its message and exit code', () => {
    writeFileSync(join(folder, 'wrong.yaml'), 'sample-data:\n  costumers: 20\n');
    const { status, stderr } = demo('--config', join(folder, 'wrong.yaml'));
    expect(stderr).toMatch(/wrong.yaml:2:3: unknown key 'costumers' in section 'sample-data'/);
    expect(stderr).toMatch(/retail-sample-data refused its input/);
    expect(status).toBe(2);
  });

  it('stops with its stage on SIGTERM, keeps what was there, and goes on afterwards', async () => {
    const before = readdirSync(join(folder, 'run', 'raw')).sort();
    const child = spawn(process.execPath, argv('--seed', '9', '--verbose'), {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      // The stage's command line is logged as its process starts.
      if (said.includes('retail-sample-data --out')) child.kill('SIGTERM');
    });
    const [status] = await once(child, 'close');
    expect(said).toMatch(/SIGTERM: finishing/);
    expect(status).toBe(1);
    expect(readdirSync(join(folder, 'run', 'raw')).sort()).toEqual(before);
    expect(existsSync(join(folder, 'run', 'raw', 'manifest.json'))).toBe(true);
    expect(demo('--seed', '9').stages).toEqual([{ stage: 'sample-data', ran: true }]);
  });
});
