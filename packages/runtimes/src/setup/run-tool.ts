import { spawn } from 'node:child_process';

export interface ToolRun {
  /** `undefined` when there is no such program. */
  readonly code: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ToolOptions {
  readonly folder?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  /** Called with each line of stdout and stderr as it comes. */
  readonly onLine?: (line: string) => void;
}

/** Runs a program to its end and returns what it printed; never rejects because of what the program does. */
export function runTool(
  command: string,
  toolArguments: readonly string[],
  options: ToolOptions = {},
): Promise<ToolRun> {
  const { folder, environment = {}, signal, onLine } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, toolArguments, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
      ...(folder === undefined ? {} : { cwd: folder }),
      ...(signal === undefined ? {} : { signal }),
    });
    const printed = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      let rest = '';
      child[name].setEncoding('utf8').on('data', (text: string) => {
        printed[name] += text;
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) onLine?.(line);
      });
    }
    child.on('error', (error) => {
      if ('code' in error && error.code === 'ENOENT')
        resolve({ code: undefined, signal: undefined, ...printed });
      else reject(error);
    });
    child.on('close', (code, killedBy) =>
      resolve({ code: code ?? 1, signal: killedBy ?? undefined, ...printed }),
    );
  });
}

/** The last lines that say something, for an error message. */
export function lastLines({ stdout, stderr }: ToolRun, count = 6): string {
  const lines = (stderr.trim() === '' ? stdout : stderr).split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-count).join('\n');
}
