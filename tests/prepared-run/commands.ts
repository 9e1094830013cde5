// The commands as a user has them: each in its own process.
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

export const ROOT = join(import.meta.dirname, '..', '..');
export const SMALL = join(import.meta.dirname, 'small.yaml');

const packageShape = z.object({ bin: z.record(z.string(), z.string()).default({}) });

/** Commands of all packages and the files that run them. */
export const COMMANDS: ReadonlyMap<string, string> = new Map(
  readdirSync(join(ROOT, 'packages')).flatMap((name): [string, string][] => {
    const file = join(ROOT, 'packages', name, 'package.json');
    if (!existsSync(file)) return [];
    const { bin } = packageShape.parse(JSON.parse(readFileSync(file, 'utf8')));
    return Object.entries(bin).map(([command, script]) => [command, join(ROOT, 'packages', name, script)]);
  }),
);

export function scriptOf(command: string): string {
  const script = COMMANDS.get(command);
  if (script === undefined) throw new Error(`no package has the command ${command}`);
  return script;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a command to its end. */
export function run(
  command: string,
  flags: readonly string[],
  { cwd, env }: RunOptions,
): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [scriptOf(command), ...flags], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', ...env },
    maxBuffer: 2 ** 26,
  });
}

/** Starts a command as the head of a process group of its own, so that all it starts can be killed at once. */
export function start(command: string, flags: readonly string[], { cwd, env }: RunOptions) {
  return spawn(process.execPath, [scriptOf(command), ...flags], {
    cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...env },
  });
}

const reportsShape = z.object({
  stages: z.array(z.object({ stage: z.string(), ran: z.boolean(), contents: z.string() })),
});

/** `retail-sim SUBCOMMAND --json` on small data: which stages ran, and what each has made. */
export function runFlow(cwd: string, subcommand: 'demo' | 'run', ...flags: readonly string[]) {
  const config = flags.includes('--config') ? [] : ['--config', SMALL];
  const { status, stdout, stderr } = run('retail-sim', [subcommand, '--json', ...config, ...flags], { cwd });
  const stages = stdout === '' ? [] : reportsShape.parse(JSON.parse(stdout)).stages;
  return {
    status,
    stderr,
    ran: stages.filter(({ ran }) => ran).map(({ stage }) => stage),
    contents: Object.fromEntries(stages.map(({ stage, contents }) => [stage, contents])),
  };
}
