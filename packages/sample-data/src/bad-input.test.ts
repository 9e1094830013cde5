// What goes wrong for a user of the command: the message, the exit code, and that earlier files stay as they were.
// Real processes, real signals.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readWholeTable, type TableDefinition, verifyUpstream } from '@retail-sim/artifacts';
import { keyedStream } from '@retail-sim/random';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tables } from './schemas/index.js';

const bin = join(import.meta.dirname, '..', 'bin', 'retail-sample-data.js');
const small = ['--customers', '20', '--weeks', '4', '--products', '100', '--stores', '5', '--quiet'];

let root: string;
let folder: string;
let before: ReadonlyMap<string, string>;

/** Name and hash of every file that the user sees. */
async function filesOf(path: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(path, { recursive: true })).filter((name) => /\.\w+$/.test(name)).sort();
  const hashes = names.map(
    async (name) =>
      [
        name,
        createHash('sha256')
          .update(await readFile(join(path, name)))
          .digest('hex'),
      ] as const,
  );
  return new Map(await Promise.all(hashes));
}

function run(flags: readonly string[], shell = '') {
  const words = [process.execPath, bin, ...small, '--out', folder, ...flags];
  const { status, stdout, stderr } = spawnSync('bash', ['-c', `${shell} exec "$0" "$@"`, ...words], {
    encoding: 'utf8',
    cwd: root,
  });
  return { status, stdout, stderr: stderr.replaceAll(root, '') };
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'bad-input-'));
  folder = join(root, 'raw');
  expect(run([]).status).toBe(0);
  before = await filesOf(folder);
  await writeFile(join(root, 'unknown.yaml'), 'sample-data:\n  costumers: 10\n');
  await writeFile(join(root, 'type.yaml'), 'sample-data:\n  gzip: perhaps\n');
  await writeFile(join(root, 'broken.yaml'), 'sample-data: [\n');
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('bad input ends with code 2, one message, and nothing changed:', () => {
  it.each([
    [
      'an unknown flag',
      ['--costumers', '5'],
      /^error: unknown option '--costumers'\n {2}did you mean --customers\?\n$/,
    ],
    [
      'a flag of the wrong type',
      ['--customers', 'many'],
      /^error: --customers many: must be a whole number.*\n {2}.+\n$/,
    ],
    ['a number out of range', ['--weeks', '0'], /^error: --weeks 0: must be at least 1.*\n {2}.+\n$/],
    [
      'a choice that there is not',
      ['--profile', 'real'],
      /^error: --profile real: must be one of lgsr, promo.*\n {2}.+\n$/,
    ],
    [
      'an unknown key in the config file',
      ['--config', 'unknown.yaml'],
      /^error: unknown.yaml:2:3: unknown key 'costumers' in section 'sample-data'\n {2}did you mean 'customers'\?\n$/,
    ],
    [
      'a wrong type in the config file',
      ['--config', 'type.yaml'],
      /^error: type.yaml:2:9: .*must be true or false.*\n {2}.+\n$/,
    ],
    [
      'a config file that is no YAML',
      ['--config', 'broken.yaml'],
      /^error: broken.yaml:\d+:\d+: not valid YAML.*\n {2}.+\n$/,
    ],
    ['a config file that is not there', ['--config', 'none.yaml'], /^error: none.yaml: .+\n {2}.+\n$/],
    ['a word that is no subcommand', ['generate'], /^error: .+\n {2}.+\n$/],
  ])('%s', async (_, flags, message) => {
    const { status, stdout, stderr } = run(flags);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(status).toBe(2);
    expect(await filesOf(folder)).toEqual(before);
  });

  it('a file where the folder should be', async () => {
    await writeFile(join(root, 'file'), 'precious');
    const { status, stderr } = run(['--out', join(root, 'file')]);
    expect(stderr).toMatch(/^error: \/file: cannot write: a file is in the way\n {2}.+\n$/);
    expect(status).toBe(2);
    expect(await readFile(join(root, 'file'), 'utf8')).toBe('precious');
  });

  it('a folder without write permission', async (context) => {
    if (process.getuid?.() === 0) {
      // Root may write anywhere, unless it gives that right up.
      const probe = spawnSync('setpriv', ['--bounding-set', '-dac_override', 'true']);
      if (probe.status !== 0) context.skip('root may write everywhere here');
    }
    await chmod(folder, 0o555);
    const flags =
      process.getuid?.() === 0 ? 'setpriv --bounding-set -dac_override --inh-caps -dac_override' : '';
    const { status, stderr } = run(['--seed', '5'], flags === '' ? '' : `exec ${flags} "$0" "$@";`);
    await chmod(folder, 0o755);
    expect(stderr).toMatch(/^error: \/raw: cannot write: no permission to write here\n {2}.+\n$/);
    expect(status).toBe(2);
    expect(await filesOf(folder)).toEqual(before);
  });
});

describe('a run that cannot finish leaves the files of the earlier one:', () => {
  it.each(['1', '2'])('a disk that is full, with %s threads', async (threads) => {
    // 16 KiB is enough for the lock and too little for a week.
    const { status, stderr } = run(
      ['--seed', '5', '--customers', '400', '--threads', threads],
      'ulimit -f 16;',
    );
    expect(stderr).toMatch(/cannot write: the file grows over the size limit/);
    expect(status).toBe(1);
    expect(await filesOf(folder)).toEqual(before);
  });

  it('a second run in the same folder, which stops', async () => {
    const first = spawn(process.execPath, [
      bin,
      ...small,
      '--customers',
      '3000',
      '--weeks',
      '60',
      '--out',
      folder,
    ]);
    const ended = once(first, 'exit');
    while (!(await readdir(folder)).some((name) => name.endsWith('.tmp'))) await delay(5);
    const second = run(['--seed', '5']);
    expect(second.stderr).toMatch(
      /^error: \/raw: retail-sample-data \(process \d+ on .+\) is writing here\n {2}.+\n$/,
    );
    expect(second.status).toBe(2);
    first.kill('SIGTERM');
    expect(await ended).toEqual([1, null]);
    expect(await filesOf(folder)).toEqual(before);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('%s, which leaves nothing half-written', async (signal) => {
    const child = spawn(process.execPath, [
      bin,
      ...small,
      '--customers',
      '3000',
      '--weeks',
      '60',
      '--out',
      folder,
    ]);
    const ended = once(child, 'exit');
    let said = '';
    child.stderr.on('data', (text: Buffer) => {
      said += text.toString();
    });
    while (!(await readdir(folder)).some((name) => name.endsWith('.tmp'))) await delay(5);
    child.kill(signal);
    expect(await ended).toEqual([1, null]);
    expect(said).toMatch(/nothing is half-written\n$/);
    expect(await filesOf(folder)).toEqual(before);
    expect((await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

it('SIGKILL at 20 moments: every file under a final name is complete and readable', async () => {
  const random = keyedStream(20, 'kill-moments');
  const out = join(root, 'killed');
  const flags = (seed: number) => [bin, ...small, '--seed', `${seed}`, '--out', out];
  const started = performance.now();
  spawnSync(process.execPath, flags(0));
  const wholeRun = performance.now() - started;
  let killed = 0;
  for (let turn = 1; turn <= 20; turn++) {
    const child = spawn(process.execPath, flags(turn), { stdio: 'ignore' });
    const ended = once(child, 'exit');
    await delay(wholeRun * (0.2 + 0.8 * random.uniform()));
    child.kill('SIGKILL');
    const [, signal] = await ended;
    if (signal === 'SIGKILL') killed++;
    for (const name of await readdir(out)) {
      if (!/^transactions_\d+\.csv$/.test(name)) continue;
      const text = await readFile(join(out, name), 'utf8');
      expect(text.endsWith('\n')).toBe(true);
      expect(
        new Set(
          text
            .trimEnd()
            .split('\n')
            .map((line) => line.split(',').length),
        ),
      ).toEqual(new Set([22]));
    }
    for (const table of tables) {
      if ((await readdir(join(out, 'ground_truth'))).includes(table.file.replace('ground_truth/', ''))) {
        const definition: TableDefinition = table;
        expect((await readWholeTable(join(out, table.file), definition)).rows).toBeGreaterThan(0);
      }
    }
  }
  expect(killed).toBeGreaterThan(5);
  expect(spawnSync(process.execPath, flags(99)).status).toBe(0);
  await verifyUpstream(out, { command: 'retail-sample-data', tables });
  expect((await readdir(out)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
}, 300_000);
