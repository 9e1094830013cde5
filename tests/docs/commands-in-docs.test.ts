// Every command that README and docs show is run here, in the order of its page, in a folder where the flow has run on
// little data. What cannot be run here is listed with the reason.
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ROOT, run, SMALL } from '../prepared-run/commands.js';

/** Commands that are not run, and why; the key is how the command begins. */
const NOT_RUN: Readonly<Record<string, string>> = {
  'npm run demo': 'a job of CI runs it on a clean clone',
  'npm test': 'this is a part of it',
  'pnpm install': 'was run before the tests',
  'pnpm build': 'was run before the tests',
  'pnpm check': 'this is a part of it',
  'pnpm format': 'changes the tree',
  'pnpm vitest': 'tests do not run tests',
  'pnpm bench': 'a benchmark takes minutes; its own folder says how',
  'pnpm docs:api': 'a job of CI runs it',
  'pnpm docs:artifacts': 'changes the tree; tests/artifact-docs.test.ts checks what it writes',
  '.ci/': 'a job of CI runs it',
  'pnpm retail-setup': 'downloads hundreds of megabytes',
  'pnpm retail-doctor': 'measures for several seconds; its package tests it',
  'bench/': 'a benchmark takes minutes',
  'cd ': 'changes the folder of a shell',
  'git ': 'changes the tree',
};

/** What stands for something of the reader's own. */
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  DIR: 'raw_data',
  'lgsr/': 'raw_data',
  BASKET_ID: firstBasket(),
  '994100100000422': firstBasket(),
};

interface ShownCommand {
  readonly page: string;
  readonly line: string;
}

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.startsWith('commands') && !name.startsWith('api'))
    .map((name) => join('docs', name)),
  ...readdirSync(join(ROOT, 'packages'))
    .map((name) => join('packages', name, 'README.md'))
    .filter((name) => existsSync(join(ROOT, name))),
];

const shown: readonly ShownCommand[] = pages.flatMap((page) =>
  [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^```(?:sh|bash|console)\n([\s\S]*?)^```/gm)].flatMap(
    ([, block = '']) =>
      block
        .replaceAll('\\\n', ' ')
        .split('\n')
        .map((line) =>
          line
            .replace(/^\$ /, '')
            .replace(/\s+#\s.*$/, '')
            .trim(),
        )
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) => ({ page, line })),
  ),
);

const reasonNotToRun = (line: string): string | undefined =>
  Object.entries(NOT_RUN).find(([start]) => line.startsWith(start))?.[1];
const runnable = shown.filter(({ line }) => reasonNotToRun(line) === undefined);
for (const { page, line } of shown) {
  const reason = reasonNotToRun(line);
  if (reason !== undefined) process.stdout.write(`not run: ${page}: ${line} (${reason})\n`);
}

/** A basket of the prepared run, for examples that name one. */
function firstBasket(): string {
  const raw = join(inject('preparedRun'), 'raw_data');
  const week = readdirSync(raw).find((name) => name.startsWith('transactions_')) ?? '';
  return /,(994\d{12}),/.exec(readFileSync(join(raw, week), 'utf8'))?.[1] ?? '';
}

/** The words of a command line; quotes hold words together, nothing else is special. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? '',
  );
}

let cwd = '';
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'retail-sim-docs-'));
  cpSync(inject('preparedRun'), cwd, { recursive: true, preserveTimestamps: true });
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

describe('commands in the docs', () => {
  it('are found, and each is one of ours or listed as not run', () => {
    expect(runnable.length).toBeGreaterThan(3);
    expect(runnable.filter(({ line }) => !/^pnpm retail-[a-z-]+/.test(line))).toEqual([]);
  });

  it.each(runnable.map(({ page, line }) => ({ page: relative('', page), line })))(
    '$page: $line',
    ({ line }) => {
      const [, command = '', ...words] = wordsOf(line);
      const flags = words.map((word) => PLACEHOLDERS[word] ?? word);
      const config = flags.includes('--config') ? [] : ['--config', SMALL];
      const { status, stderr } = run(command, [...flags, ...config], { cwd });
      expect(stderr).not.toMatch(/^error/m);
      expect(status).toBe(0);
    },
  );
});
