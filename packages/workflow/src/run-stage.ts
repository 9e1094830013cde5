import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type CommandContext, PROGRESS_MESSAGES, PROGRESS_VARIABLE, relayProgress } from '@retail-sim/cli';
import { ExitCode, Failure, InputError } from '@retail-sim/errors';
import { z } from 'zod';
import type { Stage } from './stages.js';

export interface StageOutcome {
  readonly seconds: number;
  readonly cpuSeconds: number | null;
  readonly peakBytes: number | null;
  /** What the command printed with `--json`. */
  readonly result: unknown;
}

const usageSchema = z.object({ event: z.literal('usage'), cpuSeconds: z.number(), peakBytes: z.number() });

/** Runs a stage as its own process and shows its progress and its messages here. */
export async function runStage(
  stage: Stage,
  flags: readonly string[],
  context: Pick<CommandContext, 'log' | 'progress' | 'signal' | 'terminal' | 'verbose'>,
  prefix: string,
): Promise<StageOutcome> {
  const { log, progress, signal, terminal, verbose } = context;
  signal.throwIfAborted();
  const started = performance.now();
  const child = fork(commandFile(stage), [...flags, ...(verbose ? ['--verbose'] : [])], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, [PROGRESS_VARIABLE]: PROGRESS_MESSAGES },
    // In a process group of its own, so that Ctrl-C reaches it once: from here.
    detached: true,
  });
  const relay = relayProgress(progress, prefix);
  let usage: z.infer<typeof usageSchema> | undefined;
  child.on('message', (message) => {
    if (!relay(message)) usage = usageSchema.safeParse(message).data ?? usage;
  });
  let printed = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  if (child.stderr !== null) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      progress.clear();
      if (line !== '') terminal.err(`${line}\n`);
    });
  }
  const passOn = (): void => {
    child.kill('SIGTERM');
  };
  signal.addEventListener('abort', passOn);
  log.detail(`${stage.command} ${flags.join(' ')}`);
  try {
    const [code, killedBy] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (...end) => resolve(end));
    });
    signal.throwIfAborted();
    if (code !== 0) throw stageError(stage, code, killedBy);
  } finally {
    signal.removeEventListener('abort', passOn);
  }
  return {
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: usage?.cpuSeconds ?? null,
    peakBytes: usage?.peakBytes ?? null,
    result: JSON.parse(printed === '' ? 'null' : printed),
  };
}

/** The file behind a command, from the `bin` of its package. */
function commandFile(stage: Stage): string {
  const root = new URL('../', import.meta.resolve(stage.package));
  const content: unknown = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  const { bin } = z.object({ bin: z.record(z.string(), z.string()) }).parse(content);
  const file = bin[stage.command];
  if (file === undefined) throw new Error(`${stage.package} has no command ${stage.command}`);
  return fileURLToPath(new URL(file, root));
}

function stageError(stage: Stage, code: number | null, killedBy: NodeJS.Signals | null): Error {
  const remedy = 'mend what it says above and run this command again: finished stages are kept';
  if (code === ExitCode.badInput)
    return new InputError({ what: `${stage.command} refused its input`, remedy });
  // The kernel kills; the engine itself aborts when it gets no more memory.
  if (killedBy === 'SIGKILL' || killedBy === 'SIGABRT' || killedBy === 'SIGTRAP') {
    return new Failure(`${stage.command} was killed, most likely because memory ran out`, {
      remedy:
        'close other programs or give fewer --threads, and run this command again: finished stages are kept',
    });
  }
  return new Failure(`${stage.command} failed (${killedBy ?? `exit code ${code}`})`, { remedy });
}
