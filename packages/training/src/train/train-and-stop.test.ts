// Runs of the real command on a small tensor folder: killed, stopped, resumed, and refused.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { keyedStream } from '@retail-sim/random';
import { buildTensors } from '@retail-sim/tensor-preparation';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Folders,
  makeWorld,
  writeUpstream,
} from '../../../../tests/tensor-preparation/upstream-fixture.js';

const bin = (name: string): string => join(import.meta.dirname, '..', '..', 'bin', `${name}.js`);
const settings = { seed: 42, t6: 'prior', t2PositionEncoding: false, longBaskets: 'truncate' } as const;
/** Milliseconds, for a machine that does other things as well. */
const PATIENCE = 600_000;

let folders: Folders;
let others: Folders;
let out: string;

beforeAll(async () => {
  folders = await writeUpstream(makeWorld({ baskets: 500 }));
  await buildTensors({ ...folders, ...settings });
  others = await writeUpstream(makeWorld({ baskets: 300, products: 30, seed: 9 }));
  await buildTensors({ ...others, ...settings });
  out = mkdtempSync(join(tmpdir(), 'train-'));
  // The run that nothing happens to; the others are compared with it.
  const whole = retailTrain('whole', '--log-every', '1');
  expect(whole.stderr).toMatch(/epoch 2\/2/);
  expect(whole.status).toBe(0);
}, PATIENCE);
afterAll(() => {
  for (const folder of [dirname(folders.tensors), dirname(others.tensors), out]) {
    rmSync(folder, { recursive: true, force: true });
  }
});

const argvOf = (run: string, flags: readonly string[]): string[] => [
  bin('retail-train'),
  ...['--tensors', folders.tensors, '--checkpoints', join(out, 'checkpoints'), '--logs', join(out, 'logs')],
  ...['--preset', 'tiny', '--device', 'wasm', '--threads', '1', '--batch-size', '16', '--epochs', '2'],
  ...['--run', run, ...flags],
];

function retailTrain(run: string, ...flags: string[]) {
  return spawnSync(process.execPath, argvOf(run, flags), { encoding: 'utf8', cwd: out });
}

function retailEvaluate(...flags: string[]) {
  const folder = ['--tensors', folders.tensors, '--checkpoints', join(out, 'checkpoints')];
  return spawnSync(
    process.execPath,
    [bin('retail-evaluate'), ...folder, '--device', 'wasm', '--threads', '1', '--run', 'whole', ...flags],
    { encoding: 'utf8', cwd: out },
  );
}

const weights = (run: string, name = 'latest'): Buffer =>
  readFileSync(join(out, 'checkpoints', run, name, 'model.safetensors'));

/** Steps that a run has logged. */
function loggedSteps(run: string): number {
  const file = join(out, 'logs', `${run}.jsonl`);
  if (!existsSync(file)) return 0;
  const steps = readFileSync(file, 'utf8').matchAll(/"kind":"train","step":(\d+)/g);
  return Math.max(0, ...[...steps].map(([, step]) => Number(step)));
}

/** Lets a process run until it has logged `step`, then sends it a signal. */
async function signalAt(child: ChildProcess, run: string, step: number, signal: NodeJS.Signals) {
  const ended = once(child, 'exit');
  while (child.exitCode === null && child.signalCode === null && loggedSteps(run) < step) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  child.kill(signal);
  const [code] = await ended;
  return code;
}

describe('retail-train', () => {
  it(
    'gives the same bytes when it is killed at ten random steps and resumed each time',
    async () => {
      const steps = loggedSteps('whole');
      const random = keyedStream(11, 'kill');
      const kills = Array.from({ length: 10 }, () => 1 + random.below(steps)).sort((a, b) => a - b);
      const flags = ['--log-every', '1', '--save-every', '3'];
      for (const step of kills) {
        const resume = existsSync(join(out, 'checkpoints', 'killed')) ? ['--resume', 'latest'] : [];
        const child = spawn(process.execPath, argvOf('killed', [...flags, ...resume]), { stdio: 'ignore' });
        await signalAt(child, 'killed', step, 'SIGKILL');
      }
      const last = retailTrain('killed', ...flags, '--resume', 'latest');
      expect(last.stderr).not.toMatch(/error/);
      expect(last.status).toBe(0);
      expect(weights('killed').equals(weights('whole'))).toBe(true);
    },
    PATIENCE,
  );

  it(
    'finishes its step on SIGTERM, saves, exits with 0, and goes on from there',
    async () => {
      const child = spawn(process.execPath, argvOf('stopped', ['--log-every', '1']), { stdio: 'ignore' });
      expect(await signalAt(child, 'stopped', 4, 'SIGTERM')).toBe(0);
      expect(readdirSync(join(out, 'checkpoints', 'stopped'))).toContain('latest');
      expect(retailTrain('stopped', '--resume', 'latest').status).toBe(0);
      expect(weights('stopped').equals(weights('whole'))).toBe(true);
    },
    PATIENCE,
  );

  it(
    'refuses to go on with other data, another vocabulary or other settings, and keeps the checkpoint',
    async () => {
      const before = weights('whole');
      const foreign = retailTrain('whole', '--resume', 'latest', '--tensors', others.tensors);
      expect(foreign.stderr).toMatch(/trained on another vocabulary than/);
      expect(foreign.status).toBe(2);
      const other = join(dirname(folders.tensors), 'other-tensors');
      await buildTensors({ ...folders, ...settings, tensors: other, t6: 'none' });
      const changed = retailTrain('whole', '--resume', 'latest', '--tensors', other);
      expect(changed.stderr).toMatch(/trained on other data than/);
      expect(changed.status).toBe(2);
      const settled = retailTrain('whole', '--resume', 'latest', '--lr', '0.5');
      expect(settled.stderr).toMatch(/was trained with lr 0.001, this command was given 0.5/);
      expect(settled.status).toBe(2);
      expect(weights('whole').equals(before)).toBe(true);
    },
    PATIENCE,
  );

  it(
    'says which checkpoints there are when the wanted one is missing',
    () => {
      const { stderr, status } = retailTrain('whole', '--resume', 'epoch_9');
      expect(stderr).toMatch(/there is no checkpoint 'epoch_9'/);
      expect(stderr).toMatch(/choose one of best, epoch_1, epoch_2, latest/);
      expect(status).toBe(2);
    },
    PATIENCE,
  );

  it(
    'refuses a checkpoint whose tensors are cut off, and leaves it as it is',
    () => {
      const folder = join(out, 'damaged');
      cpSync(join(out, 'checkpoints', 'whole', 'latest'), folder, { recursive: true });
      truncateSync(join(folder, 'model.safetensors'), 5000);
      const { stderr, status } = retailTrain('whole', '--resume', folder);
      expect(stderr).toMatch(/model\.safetensors/);
      expect(status).toBe(2);
      expect(retailEvaluate('--checkpoint', folder).status).toBe(2);
    },
    PATIENCE,
  );

  it(
    'leaves the last checkpoint as it was when the disk is full',
    () => {
      const before = weights('whole');
      // A limit on the size of a file stands for the end of the disk: the write fails in the same place.
      const { stderr, status } = spawnSync(
        'bash',
        [
          '-c',
          `trap '' XFSZ; ulimit -f 100; exec "$0" "$@"`,
          process.execPath,
          ...argvOf('whole', ['--resume', 'latest', '--epochs', '3']),
        ],
        { encoding: 'utf8', cwd: out },
      );
      expect(stderr).toMatch(/file grows over the size limit|too large|EFBIG/);
      expect(status).toBe(1);
      expect(weights('whole').equals(before)).toBe(true);
      expect(
        readdirSync(join(out, 'checkpoints', 'whole')).filter((name) => name.includes('writing')),
      ).toEqual([]);
    },
    PATIENCE,
  );

  it(
    'gives up after ten steps without a finite gradient, with the weights of before',
    () => {
      const folder = join(out, 'poisoned');
      cpSync(join(out, 'checkpoints', 'whole', 'latest'), folder, { recursive: true });
      poison(join(folder, 'model.safetensors'));
      const { stderr, status } = retailTrain('nan', '--resume', folder, '--resume-weights-only');
      expect(stderr).toMatch(/gradient was not finite in 10 steps in a row/);
      expect(stderr).toMatch(/lower --lr/);
      expect(status).toBe(1);
    },
    PATIENCE,
  );

  it(
    'refuses tensors whose validation split is empty, before anything is written',
    async () => {
      const world = makeWorld({ baskets: 200 });
      // Sequences hold one item, longer baskets are left out, and the week of validation has no other.
      const baskets = world.baskets.filter(({ week, lines }) => week !== world.weeks - 1 || lines.length > 1);
      const empty = await writeUpstream({ ...world, baskets });
      await buildTensors({ ...empty, ...settings, longBaskets: 'skip', maxSequenceLength: 2 });
      const { stderr, status } = retailTrain('empty', '--tensors', empty.tensors);
      rmSync(dirname(empty.tensors), { recursive: true });
      expect(stderr).toMatch(/the split val has no samples/);
      expect(status).toBe(2);
      expect(existsSync(join(out, 'checkpoints', 'empty'))).toBe(false);
    },
    PATIENCE,
  );

  it.each([
    [['--lr', '0'], /lr/],
    [['--device', 'cuda'], /device 'cuda' can't be had/],
    [['--tensors', 'nowhere'], /nowhere/],
    [['--switch', 'decoder=up'], /decoder=up is not a switch/],
    [['--warmup-epochs', '5'], /do not fit into 2 epochs/],
  ] as const)(
    'refuses %j',
    (flags, message) => {
      const { stderr, status } = retailTrain('refused', ...flags);
      expect(stderr).toMatch(message);
      expect(status).toBe(2);
      expect(existsSync(join(out, 'checkpoints', 'refused'))).toBe(false);
    },
    PATIENCE,
  );
});

describe('retail-evaluate', () => {
  it(
    'prints the model beside every baseline and writes the same as JSON and CSV',
    () => {
      const { stdout, stderr, status } = retailEvaluate('--output', join(out, 'results'), '--ablate', 'T6');
      expect(stderr).not.toMatch(/error/);
      expect(status).toBe(0);
      for (const scorer of [
        'model',
        'model without T6',
        'popularity',
        'personal frequency + co-occurrence',
      ]) {
        expect(stdout).toContain(scorer);
      }
      const files = readdirSync(join(out, 'results'));
      expect(files.map((name) => name.replace(/^.*\./, '')).sort()).toEqual(['csv', 'json']);
    },
    PATIENCE,
  );

  it(
    'refuses a missing checkpoint and one of another vocabulary',
    () => {
      expect(retailEvaluate('--checkpoint', 'epoch_9').stderr).toMatch(/there is no checkpoint 'epoch_9'/);
      const { stderr, status } = retailEvaluate('--tensors', others.tensors);
      expect(stderr).toMatch(/another vocabulary/);
      expect(status).toBe(2);
    },
    PATIENCE,
  );
});

/** Puts NaN into a weight: the last four bytes of the file. */
function poison(file: string): void {
  const bytes = readFileSync(file);
  bytes.writeFloatLE(Number.NaN, bytes.length - 4);
  writeFileSync(file, bytes);
}
