// Completion scripts are run by real shells where these are installed.
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { defineCommand } from './command.js';
import { completionScript } from './completion.js';
import { option } from './option.js';

const compare = defineCommand({
  name: 'compare',
  summary: "Compares one folder with another's",
  options: {
    real: option.path({ description: 'folder' }),
    facet: option.choice(['hour', 'price'], { default: 'hour', description: 'what is compared [one]' }),
  },
  examples: [],
  run: () => undefined,
});
const make = defineCommand({
  name: 'retail-make',
  summary: 'Makes things',
  options: {
    profile: option.choice(['lgsr', 'promo'], { default: 'lgsr', description: "what the world's like" }),
    gzip: option.flag({ description: 'smaller files' }),
  },
  subcommands: [compare],
  examples: [],
  run: () => undefined,
});

/** What bash offers for the last of `words`. */
function bashOffers(...words: readonly string[]): readonly string[] {
  const line = ['retail-make', ...words];
  const quoted = line.map((word) => `'${word}'`).join(' ');
  const script = `${completionScript(make, 'bash')}
    COMP_WORDS=(${quoted}); COMP_CWORD=${line.length - 1}
    _retail_make retail-make '${line.at(-1)}' '${line.at(-2)}'
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.trim().split('\n');
}

const syntax = { zsh: ['zsh', '-n'], fish: ['fish', '--no-execute'] } as const;

describe('completion', () => {
  it('offers subcommands and flags by their beginning in bash', () => {
    expect(bashOffers('')).toEqual(expect.arrayContaining(['compare', '--profile', '--seed', '--help']));
    expect(bashOffers('--pro')).toEqual(['--profile']);
    expect(bashOffers('--gzip', '--q')).toEqual(['--quiet']);
  });

  it('offers the values of a flag in bash', () => {
    expect(bashOffers('--profile', '')).toEqual(['lgsr', 'promo']);
    expect(bashOffers('--profile', 'p')).toEqual(['promo']);
  });

  it('offers a subcommand its own flags and values in bash', () => {
    expect(bashOffers('comp')).toEqual(['compare']);
    expect(bashOffers('compare', '--re')).toEqual(['--real']);
    expect(bashOffers('compare', '--profile')).toEqual(['']);
    expect(bashOffers('compare', '--facet', '')).toEqual(['hour', 'price']);
  });

  it.each(['zsh', 'fish'] as const)('is a script that %s reads', (shell) => {
    const script = completionScript(make, shell);
    expect(script).toMatchSnapshot();
    const [program, flag] = syntax[shell];
    const { status, error } = spawnSync(program, [flag], { input: script });
    // Where the shell is not installed the snapshot alone has to do.
    if (error === undefined) expect(status).toBe(0);
  });
});
