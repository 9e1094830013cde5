// The whole flow is killed with everything that it has started, again and again, and goes on: in the end it has made,
// byte for byte, what a run makes that nobody kills.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { keyedStream } from '@retail-sim/random';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { run, runFlow, SMALL, start } from '../prepared-run/commands.js';

const prepared = inject('preparedRun');
const lockShape = z.object({ process: z.number().int().positive() });
/** Kills, and the longest time to one, in milliseconds. A run that nobody disturbs takes about 15 s on an idle machine. */
const KILLS = 6;
const LONGEST = 7000;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'retail-sim-kill-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Hash of every file of a folder that a stage makes; times stand in manifests and states alone. */
function hashes(root: string): Readonly<Record<string, string>> {
  const made = ['raw_data', 'data/processed', 'data/features', 'data/tensors', 'checkpoints/demo/best'];
  const files = made.flatMap((part) =>
    readdirSync(join(root, part), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !['manifest.json', 'state.json'].includes(entry.name))
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)),
  );
  return Object.fromEntries(
    files.sort().map((file) => [
      file,
      createHash('sha256')
        .update(readFileSync(join(root, file)))
        .digest('hex'),
    ]),
  );
}

/** Everything that the process has started dies with it. */
function killGroup(pid: number): void {
  for (const id of [pid, ...childrenOf(pid)]) {
    try {
      process.kill(-id, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}

/** Stages run in process groups of their own, so they are looked up. */
function childrenOf(pid: number): readonly number[] {
  if (!existsSync('/proc')) return [];
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const parent = Number(/^\d+ \(.*\) \S (\d+)/.exec(readFileSync(`/proc/${entry}/stat`, 'utf8'))?.[1]);
      return parent === pid ? [Number(entry)] : [];
    } catch {
      return [];
    }
  });
}

describe.skipIf(process.platform !== 'linux')('a flow that is killed', () => {
  it(`goes on after ${KILLS} kills at random moments and makes the same bytes`, async () => {
    const random = keyedStream(7, 'kill moments');
    for (let kill = 0; kill < KILLS; kill++) {
      const child = start('retail-sim', ['demo', '--quiet', '--config', SMALL], { cwd: folder });
      const ended = once(child, 'close');
      await Promise.race([ended, setTimeout(500 + random.uniform() * LONGEST)]);
      if (child.pid !== undefined && child.exitCode === null) killGroup(child.pid);
      await ended;
    }
    const { status, stderr } = runFlow(folder, 'demo');
    expect(stderr).not.toMatch(/error/i);
    expect(status).toBe(0);
    expect(hashes(folder)).toEqual(hashes(prepared));
  }, 300_000);
});

/** Waits until a folder is locked, and returns the process that has it. */
async function processThatLocks(folder: string): Promise<number> {
  for (;;) {
    try {
      return lockShape.parse(JSON.parse(readFileSync(join(folder, '.lock'), 'utf8'))).process;
    } catch {
      await setTimeout(2);
    }
  }
}

describe.skipIf(process.platform === 'win32')('two flows at once', () => {
  it('the second is refused and the first goes on', async () => {
    const both = mkdtempSync(join(tmpdir(), 'retail-sim-twice-'));
    try {
      cpSync(join(prepared, 'raw_data'), join(both, 'raw_data'), {
        recursive: true,
        preserveTimestamps: true,
      });
      const first = start(
        'retail-sim',
        ['run', '--stages', 'data-pipeline', '--verbose', '--config', SMALL],
        {
          cwd: both,
        },
      );
      const ended = once(first, 'close');
      // The first one is held still in its work, however fast the machine is.
      const holder = await processThatLocks(join(both, 'data', 'processed'));
      process.kill(holder, 'SIGSTOP');
      const second = run('retail-data-pipeline', ['--quiet'], { cwd: both });
      process.kill(holder, 'SIGCONT');
      expect(second.stderr).toMatch(/retail-data-pipeline \(process \d+.*\) is writing here/);
      expect(second.status).toBe(2);
      const [status] = await ended;
      expect(status).toBe(0);
    } finally {
      rmSync(both, { recursive: true, force: true });
    }
  });
});
