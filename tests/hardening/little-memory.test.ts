// A process that gets too little memory says so in words, and leaves nothing half-made.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { scriptOf } from '../prepared-run/commands.js';

const prepared = inject('preparedRun');
/** Addresses of the process, in KiB: enough to start, not enough to work. */
const LITTLE = 1_500_000;

let cwd = '';
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'retail-sim-memory-'));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

describe.skipIf(process.platform !== 'linux')('with too little memory', () => {
  it.each([
    ['retail-data-pipeline', ['--raw', join(prepared, 'raw_data')], 'data/processed/manifest.json'],
    [
      'retail-feature-engineering',
      ['--processed', join(prepared, 'data/processed')],
      'data/features/manifest.json',
    ],
    [
      'retail-train',
      ['--tensors', join(prepared, 'data/tensors'), '--preset', 'tiny'],
      'checkpoints/tiny/latest',
    ],
  ])('%s says that memory ran out', (command, flags, output) => {
    const { status, stderr } = spawnSync(
      'bash',
      ['-c', `ulimit -v ${LITTLE}; exec "$0" "$@"`, process.execPath, scriptOf(command), '--quiet', ...flags],
      { cwd, encoding: 'utf8' },
    );
    expect(stderr).toMatch(/^error: memory ran out: .+\n {2}give the process more/m);
    expect(status).toBe(1);
    expect(existsSync(join(cwd, output))).toBe(false);
  });
});
