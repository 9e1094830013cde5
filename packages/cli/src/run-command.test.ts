import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure, InputError } from '@retail-sim/errors';
import { beforeAll, describe, expect, it } from 'vitest';
import { defineCommand } from './command.js';
import { option } from './option.js';
import { runCommand } from './run-command.js';
import type { Terminal } from './terminal.js';

const echo = defineCommand({
  name: 'retail-echo',
  summary: 'Prints its options',
  section: 'train',
  options: {
    epochs: option.integer({ min: 1, default: 20, description: 'passes over the data' }),
    maxSteps: option.integer({ min: 1, description: 'stop after this many steps', otherwise: 'no limit' }),
    device: option.choice(['auto', 'cpu'], { default: 'auto', description: 'where to run' }),
    stages: option.list(option.integer({ min: 1, max: 4, description: 'stage' }), {
      default: [1, 2, 3, 4],
      description: 'stages to run',
    }),
    rate: option.number({ min: 0, default: 0.1, description: 'a rate', aliases: ['learning-rate'] }),
    describe: option.flag({ description: 'print what is there' }),
  },
  examples: [{ command: 'retail-echo --epochs 3', does: 'three passes' }],
  run: (context, options) => ({
    data: { ...options, seed: context.seed },
    text: `epochs ${options.epochs}`,
  }),
});

const failing = (error: unknown) =>
  defineCommand({
    name: 'retail-fail',
    summary: 'Fails',
    section: 'train',
    options: {},
    examples: [],
    run: () => {
      throw error;
    },
  });

async function run(command: typeof echo, ...argv: string[]) {
  let out = '';
  let err = '';
  const terminal: Terminal = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    interactive: false,
    color: false,
    width: 80,
    now: () => 0,
  };
  const code = await runCommand(command, argv, { version: '1.2.3', terminal });
  return { code, out, err };
}

const dataOf = async (...argv: string[]) => JSON.parse((await run(echo, ...argv, '--json')).out);

function configFile(content: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'config-')), 'config.yaml');
  writeFileSync(file, content);
  return file;
}

// Away from the project's own config file, which every command reads that is run beside it.
beforeAll(() => process.chdir(mkdtempSync(join(tmpdir(), 'nowhere-'))));

describe('options', () => {
  it('have their defaults, and take their values from flags', async () => {
    expect(await dataOf()).toMatchObject({
      epochs: 20,
      device: 'auto',
      stages: [1, 2, 3, 4],
      describe: false,
      seed: 42,
    });
    expect(await dataOf('--epochs', '3', '--stages', '1,2', '--stages', '4', '--describe')).toMatchObject({
      epochs: 3,
      stages: [1, 2, 4],
      describe: true,
    });
    expect(await dataOf('--learning-rate', '0.5')).toMatchObject({ rate: 0.5 });
  });

  it('come from the section of the config file, and flags win', async () => {
    const file = configFile('seed: 7\nthreads: 1\ntrain:\n  epochs: 5\n  max-steps: 9\n  stages: [2]\n');
    expect(await dataOf('--config', file)).toMatchObject({ epochs: 5, maxSteps: 9, stages: [2], seed: 7 });
    expect(await dataOf('--config', file, '--epochs', '6', '--seed', '8')).toMatchObject({
      epochs: 6,
      seed: 8,
    });
  });

  it('leave the sections of other commands alone', async () => {
    expect(await dataOf('--config', configFile('evaluate:\n  anything: 1\n'))).toMatchObject({ epochs: 20 });
  });
});

describe('bad usage ends with code 2 and says', () => {
  it.each([
    [['--epoch', '3'], /unknown option '--epoch'\n {2}did you mean --epochs\?/i],
    [['--epochs', 'three'], /--epochs three: must be a whole number\n {2}give --epochs N/],
    [['--epochs', '0'], /must be at least 1/],
    [['--epochs', ''], /must be a whole number/],
    [['--device', 'gpu'], /must be one of auto, cpu/],
    [['--stages', '1,9'], /1 must be at most 4/],
    [['extra'], /too many arguments/],
    [['--epochs'], /argument missing/],
    [['--config', 'no-such.yaml'], /no-such.yaml: the config file cannot be read/],
  ])('%j', async (argv, message) => {
    const { code, out, err } = await run(echo, ...argv);
    expect(err).toMatch(message);
    expect(out).toBe('');
    expect(code).toBe(2);
  });

  it.each([
    ['epochs: 3\n', /config.yaml:1:1: unknown key 'epochs' in the top level/],
    [
      'train:\n  epoch: 3\n',
      /config.yaml:2:3: unknown key 'epoch' in section 'train'\n {2}did you mean 'epochs'/,
    ],
    ['train:\n  epochs: x\n', /config.yaml:2:11: epochs: must be a whole number/],
    ['train: 3\n', /config.yaml:1:8: the section 'train' must be keys with values/],
    ['train:\n  epochs: [1\n', /config.yaml:\d:\d+: not valid YAML/],
    ['- 1\n', /the top of a config file must be keys/],
    ['train:\n  epochs: 1\n  epochs: 2\n', /not valid YAML: Map keys must be unique/],
  ])('in a config file: %j', async (content, message) => {
    const { code, err } = await run(echo, '--config', configFile(content));
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });
});

describe('errors', () => {
  it('of the input print what, where and the remedy, and a stack only with --verbose', async () => {
    const error = new InputError({
      what: 'negative spend',
      where: { file: 'a.csv', line: 7, column: 'SPEND' },
      remedy: 'mend the row',
    });
    expect(await run(failing(error))).toEqual({
      code: 2,
      out: '',
      err: 'error: a.csv:7:SPEND: negative spend\n  mend the row\n',
    });
    expect((await run(failing(error), '--verbose')).err).toMatch(/at /);
  });

  it('of the disk say what to do; a full disk is a failure, a missing right is bad input', async () => {
    const full = await run(failing(Object.assign(new Error('write failed'), { code: 'ENOSPC' })));
    expect(full).toMatchObject({ code: 1, err: expect.stringMatching(/free some space/) });
    const denied = await run(failing(Object.assign(new Error('open failed'), { code: 'EACCES' })));
    expect(denied.code).toBe(2);
  });

  it('that were expected print the remedy and end with code 1', async () => {
    const failure = new Failure('two checks failed', { remedy: 'see the report' });
    expect(await run(failing(failure))).toEqual({
      code: 1,
      out: '',
      err: 'error: two checks failed\n  see the report\n',
    });
  });

  it('of the program end with code 1', async () => {
    expect(await run(failing(new TypeError('x is undefined')))).toMatchObject({
      code: 1,
      err: expect.stringMatching(/x is undefined\n {2}run it again with --verbose/),
    });
  });
});

describe('output', () => {
  it('is the text, or JSON with --json', async () => {
    expect(await run(echo)).toEqual({ code: 0, out: 'epochs 20\n', err: '' });
  });

  it('of --help names every option, its default, examples and exit codes', async () => {
    const { code, out } = await run(echo, '--help');
    expect(code).toBe(0);
    expect(out).toMatchSnapshot();
  });

  it('of --version is the version', async () => {
    expect(await run(echo, '--version')).toEqual({ code: 0, out: '1.2.3\n', err: '' });
  });

  it.each(['bash', 'zsh', 'fish'])('of --completion %s names the options', async (shell) => {
    const { out } = await run(echo, '--completion', shell);
    expect(out).toContain('max-steps');
    expect(out).toContain('retail-echo');
  });
});
