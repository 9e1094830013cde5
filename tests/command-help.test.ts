// docs/commands/ holds what `--help` of every command prints, taken from real processes: a changed flag shows up here.
// After a wanted change: pnpm vitest run tests/command-help.test.ts -u
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const root = join(import.meta.dirname, '..');
const commandsFolder = join(root, 'docs', 'commands');
const packageJson = z.object({ bin: z.record(z.string(), z.string()).default({}) });

/** Commands of all packages and the files that run them. */
const commands = readdirSync(join(root, 'packages')).flatMap((name) => {
  const file = join(root, 'packages', name, 'package.json');
  if (!existsSync(file)) return [];
  const { bin } = packageJson.parse(JSON.parse(readFileSync(file, 'utf8')));
  return Object.entries(bin).map(([command, script]) => ({
    command,
    script: join(root, 'packages', name, script),
  }));
});

function helpOf(script: string, words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...words, '--help'], {
    encoding: 'utf8',
    cwd: root,
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout;
}

/** Names in the list of subcommands that a help text has. */
function subcommandsIn(help: string): readonly string[] {
  const list = /^Commands:\n((?: {2}.*\n)+)/m.exec(help)?.[1] ?? '';
  return [...list.matchAll(/^ {2}([a-z][a-z-]*)/gm)].flatMap(([, name]) =>
    name === undefined ? [] : [name],
  );
}

describe('--help', () => {
  test.each(commands)('of $command is what docs/commands shows', async ({ command, script }) => {
    const help = helpOf(script, []);
    const parts = [{ line: command, help }];
    for (const name of subcommandsIn(help))
      parts.push({ line: `${command} ${name}`, help: helpOf(script, [name]) });
    const page = [
      `# ${command}`,
      'Printed by the command itself.',
      ...parts.flatMap(({ line, help: text }) => [`## ${line}`, `\`\`\`text\n${text.trimEnd()}\n\`\`\``]),
    ].join('\n\n');
    await expect(`${page}\n`).toMatchFileSnapshot(join(commandsFolder, `${command}.md`));
  });

  test('has a page for each command and no page more', () => {
    const names = readdirSync(commandsFolder).map((file) => file.replace(/\.md$/, ''));
    expect(names.sort()).toEqual(commands.map(({ command }) => command).sort());
  });

  test.each(commands)('$command refuses a flag that it does not know', ({ script }) => {
    const { status, stderr } = spawnSync(process.execPath, [script, '--no-such-flag'], {
      encoding: 'utf8',
      cwd: root,
    });
    expect(stderr).toMatch(/^error: unknown option '--no-such-flag'/);
    expect(status).toBe(2);
  });
});
