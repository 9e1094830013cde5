// The command as a process, without any network: the registry and the index that it is told to use don't exist.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { runtimeReports } from '../doctor/runtime-reports.js';

const script = join(import.meta.dirname, '..', '..', 'bin', 'retail-setup.js');
const nowhere = 'http://127.0.0.1:9/';
const linux = process.platform === 'linux' && process.arch === 'x64';

let runtimes = '';
beforeEach(() => {
  runtimes = mkdtempSync(join(tmpdir(), 'runtimes-'));
});
afterEach(() => {
  rmSync(runtimes, { recursive: true });
});

function setup(...flags: string[]) {
  return spawnSync(process.execPath, [script, ...flags], {
    encoding: 'utf8',
    env: {
      ...process.env,
      RETAIL_SIM_RUNTIMES: runtimes,
      npm_config_registry: nowhere,
      PIP_INDEX_URL: nowhere,
      PIP_NO_INDEX: '1',
    },
  });
}

describe.skipIf(!linux)('retail-setup', () => {
  test('says what it would do and how large it is, and does nothing', () => {
    const { status, stdout } = setup('cpu', '--dry-run', '--json');
    expect(status).toBe(0);
    const plan = z
      .object({
        downloadBytes: z.number(),
        diskBytes: z.number(),
        steps: z.array(z.object({ done: z.boolean() })),
      })
      .parse(JSON.parse(stdout));
    expect(plan.downloadBytes).toBeGreaterThan(270e6);
    expect(plan.diskBytes).toBeGreaterThan(plan.downloadBytes);
    expect(plan.steps.every(({ done }) => !done)).toBe(true);
    expect(existsSync(join(runtimes, 'cpu'))).toBe(false);
  });

  test('fails in seconds without a network, with what to do; the doctor sees what is left', () => {
    const start = performance.now();
    const { status, stderr } = setup('cpu');
    expect(performance.now() - start).toBeLessThan(30_000);
    expect(status).toBe(1);
    expect(stderr).toMatch(/to download, .* on disk in /);
    expect(stderr).toMatch(/error: @tensorflow\/tfjs-node can't be installed: .*\n.*--from DIR/);
    expect(existsSync(join(runtimes, 'cpu'))).toBe(false);
    expect(runtimeReports(runtimes)).toMatchObject([
      { kind: 'cpu', state: 'not set up', unfinished: true },
      { kind: 'cuda', state: 'not set up', unfinished: false },
    ]);
  });

  test('does not take over a folder that is no runtime', () => {
    const other = join(runtimes, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'runtime.json'), '{"formatVersion":1}');
    const { status, stderr } = setup('cpu', '--from', other);
    expect(status).toBe(1);
    expect(stderr).toMatch(/error: .*runtime\.json is not a manifest/);
    expect(existsSync(join(runtimes, 'cpu'))).toBe(false);
  });

  test('refuses an unknown kind, and the stock library for new GPUs', () => {
    expect(setup('tpu')).toMatchObject({ status: 2, stderr: expect.stringContaining('choose cpu or cuda') });
    expect(setup('cuda', '--from', 'stock')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('use --from pypi'),
    });
  });
});

test('a runtime whose manifest is damaged is reported as damaged', () => {
  mkdirSync(join(runtimes, 'cpu'));
  writeFileSync(join(runtimes, 'cpu', 'runtime.json'), '{');
  expect(runtimeReports(runtimes)[0]).toMatchObject({ state: 'damaged' });
});
