// Whatever ends a run - a kill at any moment, a full disk, no permission - every file under a final name is complete
// and readable, and what a run did not finish says so. Real processes, real signals, real full disks.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { InputError } from '@retail-sim/errors';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifyUpstream } from '../manifest/verify-upstream.js';
import { column, defineTable } from '../schema/index.js';
import { readWholeTable } from '../table/read-table.js';
import { openTensors } from '../tensors/open-tensors.js';

const program = join(import.meta.dirname, '..', '..', 'fixtures', 'write-stage.mjs');
const command = 'retail-test';

/** As `fixtures/write-stage.mjs` defines it. */
const table = defineTable({
  name: 'numbers',
  file: 'numbers.parquet',
  madeBy: command,
  version: 1,
  description: 'Numbers of a run.',
  columns: {
    run: column.float64({ description: 'Run' }),
    noise: column.float64({ description: 'Incompressible' }),
  },
});
const tensors = { ...table, name: 'tensors', file: 'entities/numbers.arrow' };

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'crash-'));
  folder = join(root, 'processed');
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Reads every file under a final name; returns the run of each, and whether the folder is complete. */
async function inspect() {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.includes('.'));
  const hidden = names.filter((name) => /(^|\/)\./.test(name));
  const runs: number[] = [];
  for (const name of names) {
    const path = join(folder, name);
    if (name === 'manifest.json') runs.push(JSON.parse(await readFile(path, 'utf8')).counts.run);
    if (name === 'run.txt') {
      const text = await readFile(path, 'utf8');
      const run = text.slice(0, text.length / 1000);
      expect(text).toBe(run.repeat(1000));
      runs.push(Number(run));
    }
    if (name === table.file) {
      const { rows, columns } = await readWholeTable(path, table);
      expect(rows).toBe(4000);
      expect(new Set(columns.run).size).toBe(1);
      runs.push(columns.run[0] ?? Number.NaN);
    }
    if (name === tensors.file) {
      using file = openTensors(path, tensors);
      const { rows, columns } = file.read(0, file.rows);
      expect(rows).toBe(4000);
      expect(new Set(columns.run).size).toBe(1);
      runs.push(columns.run[0] ?? Number.NaN);
    }
  }
  return { names, runs, hidden };
}

async function isComplete(): Promise<boolean> {
  try {
    await verifyUpstream(folder, { command, tables: [table, tensors], files: ['run.txt'] });
    return true;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

function runStage(first: number, last = first, { shell = '', uid = 0 } = {}) {
  const asUser = uid === 0 ? {} : { uid, gid: uid };
  return spawnSync(
    'bash',
    ['-c', `${shell} exec "$0" "$@"`, process.execPath, program, folder, `${first}`, `${last}`],
    {
      encoding: 'utf8',
      timeout: 30_000,
      ...asUser,
    },
  );
}

test('SIGKILL at 20 moments while it writes: every file under its final name is complete and readable', async () => {
  const outcomes = { complete: 0, interrupted: 0, leftTemporaryFiles: 0 };
  for (let turn = 0; turn < 20; turn += 1) {
    const first = turn * 1000;
    const child = spawn(process.execPath, [program, folder, `${first}`, `${first + 999}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    await Promise.race([once(child.stdout, 'data'), ended]);
    // Runs take about 30 ms each, so these moments fall into all parts of a run.
    await delay(Math.random() * 60);
    child.kill('SIGKILL');
    expect(await ended).toEqual([null, 'SIGKILL']);

    const { runs, hidden } = await inspect();
    const complete = await isComplete();
    if (complete) {
      expect(new Set(runs).size).toBe(1);
      expect(runs).toHaveLength(4);
    }
    outcomes.complete += complete ? 1 : 0;
    outcomes.interrupted += complete ? 0 : 1;
    outcomes.leftTemporaryFiles += hidden.some((name) => name.endsWith('.tmp')) ? 1 : 0;
  }
  // The kills did fall into writes, and most of those into the long part, before anything has its final name.
  expect(outcomes.leftTemporaryFiles).toBeGreaterThan(0);
  expect(outcomes.complete).toBeGreaterThan(0);

  expect(runStage(99_999).stdout).toBe('99999\n');
  const { runs, names } = await inspect();
  expect(runs).toEqual([99_999, 99_999, 99_999, 99_999]);
  expect(names.sort()).toEqual(['entities/numbers.arrow', 'manifest.json', 'numbers.parquet', 'run.txt']);
}, 240_000);

test('two runs in one folder: the second stops with exit code 2 and the first is not disturbed', async () => {
  const first = spawn(process.execPath, [program, folder, '1', '300'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(first.stdout, 'data');
  // Between two runs of the first process the folder is free for an instant: the second needs luck to get in.
  const seconds = [runStage(5000), runStage(6000)];
  first.kill('SIGKILL');
  await once(first, 'exit');
  const refused = seconds.filter(({ status }) => status === 2);
  expect(refused.length).toBeGreaterThan(0);
  for (const { stdout } of refused) {
    expect(stdout).toMatch(
      /^InputError: .*processed: retail-test \(process \d+ on \S+, since \S+\) is writing here\n$/,
    );
  }
  await inspect();
});

test('a write that the system refuses for lack of space ends with exit code 1; the earlier run stays', async () => {
  expect(runStage(1).stdout).toBe('1\n');
  // 16 KiB is enough for the lock and too little for the tables.
  const { status, stdout } = runStage(2, 2, { shell: 'ulimit -f 16;' });
  expect(stdout).toContain(
    'numbers.parquet: cannot write: the file grows over the size limit. Earlier files are unchanged',
  );
  expect(status).toBe(1);
  expect((await inspect()).runs).toEqual([1, 1, 1, 1]);
  expect((await inspect()).hidden).toEqual([]);
  expect(await isComplete()).toBe(true);
});

test('a full disk ends with exit code 1; the earlier run stays', async (context) => {
  await mkdir(folder);
  // A file system of one 1 MiB, mounted for this test alone.
  const script = `mount -t tmpfs -o size=1m tmpfs "$2" && "$0" "$1" "$2" 1 1 && head -c 2m /dev/zero > "$2/filler" 2>/dev/null
    truncate -s -24K "$2/filler"
    "$0" "$1" "$2" 2 2; echo "exit code $?"; rm "$2/filler"; ls -A "$2"; cat "$2/run.txt"`;
  const { stdout, status } = spawnSync(
    'unshare',
    ['-rm', 'bash', '-c', script, process.execPath, program, folder],
    {
      encoding: 'utf8',
      timeout: 30_000,
    },
  );
  if (status !== 0 || !stdout.startsWith('1\n')) {
    context.skip('needs a Linux that lets this user mount a small file system (unshare -rm)');
  }
  expect(stdout.replaceAll(root, '')).toBe(
    `1
Error: /processed/numbers.parquet: cannot write: the disk is full. Earlier files are unchanged; make room and run the command again
exit code 1
entities
manifest.json
numbers.parquet
run.txt
${'1'.repeat(1000)}`,
  );
});

test('a folder without write permission is refused with exit code 2 and the remedy', async (context) => {
  if (process.getuid?.() !== 0) context.skip('changes its user, which only root can');
  await chmod(root, 0o755);
  await mkdir(folder, { mode: 0o755 });
  const { stdout, status } = runStage(1, 1, { uid: 65_534 });
  expect(stdout.replaceAll(root, '')).toBe(
    'InputError: /processed: cannot write: no permission to write here\n',
  );
  expect(status).toBe(2);
  expect(await readdir(folder)).toEqual([]);
});

test('a file where the folder should be is refused with exit code 2 and stays', async () => {
  await writeFile(folder, 'precious');
  const { stdout, status } = runStage(1);
  expect(stdout.replaceAll(root, '')).toBe('InputError: /processed: cannot write: a file is in the way\n');
  expect(status).toBe(2);
  expect(await readFile(folder, 'utf8')).toBe('precious');
});
