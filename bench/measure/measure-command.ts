import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One command of a benchmark, run as a process of its own. */
export interface BenchCommand {
  readonly command: string;
  readonly arguments?: readonly string[];
  /** Added to the environment of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
}

/** What one run took, the command's own children and threads included. */
export interface Measurement {
  /** User and system time of all threads. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  /** Largest resident set of the process, or of one of its children, in units of 10^6 bytes. */
  readonly peakMegabytes: number;
  readonly stdout: string;
}

/** GNU time writes user, system and wall seconds and the peak in KiB; Python reads the same from the kernel. */
const GNU_TIME = '/usr/bin/time';
const PYTHON_TIMER = `
import resource, subprocess, sys, time
start = time.monotonic()
code = subprocess.call(sys.argv[2:])
wall = time.monotonic() - start
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
peak = usage.ru_maxrss / (1024 if sys.platform == 'darwin' else 1)
open(sys.argv[1], 'w').write(f'{usage.ru_utime} {usage.ru_stime} {wall} {peak}')
sys.exit(code)
`;

/**
 * Runs a command to its end and returns what the kernel counted for it. A small process stands between, so that this
 * process' own memory does not count.
 *
 * @throws Error when the command fails, or when neither GNU time nor python3 is there to measure with
 */
export async function measureCommand(bench: BenchCommand): Promise<Measurement> {
  const scratch = await mkdtemp(join(tmpdir(), 'bench-'));
  const report = join(scratch, 'usage');
  try {
    const target = [bench.command, ...(bench.arguments ?? [])];
    const gnu = await run([GNU_TIME, '-f', '%U %S %e %M', '-o', report, '--', ...target], bench);
    const { code, stdout } = gnu ?? (await runWithPython(report, target, bench));
    if (code !== 0) throw new Error(`${target.join(' ')}: exit code ${code}`);
    const [user, system, wallSeconds, kibibytes] = (await readFile(report, 'utf8')).split(' ').map(Number);
    if (user === undefined || system === undefined || wallSeconds === undefined || kibibytes === undefined) {
      throw new Error(`no usage report for ${target.join(' ')}`);
    }
    return { cpuSeconds: user + system, wallSeconds, peakMegabytes: (kibibytes * 1024) / 1e6, stdout };
  } finally {
    await rm(scratch, { recursive: true });
  }
}

async function runWithPython(report: string, target: readonly string[], bench: BenchCommand) {
  const python = await run(['python3', '-c', PYTHON_TIMER, report, ...target], bench);
  if (python === undefined) throw new Error(`measuring needs GNU time (${GNU_TIME}) or python3`);
  return python;
}

/** Exit code and stdout; `undefined` when there is no such program. The command's stderr passes through. */
function run(
  [program = '', ...rest]: readonly string[],
  { environment, folder }: BenchCommand,
): Promise<{ readonly code: number | null; readonly stdout: string } | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...environment },
      ...(folder === undefined ? {} : { cwd: folder }),
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', (error) => {
      if ('code' in error && error.code === 'ENOENT') resolve(undefined);
      else reject(error);
    });
    child.on('close', (code) => resolve({ code, stdout: Buffer.concat(chunks).toString('utf8') }));
  });
}
