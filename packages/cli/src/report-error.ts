import { ExitCode, Failure, formatLocation, InputError } from '@retail-sim/errors';
import { styled, type Terminal } from './terminal.js';

/** Errors of the operating system that say the user's disk, rights or paths are at fault, and what to do. */
const SYSTEM_REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'free some space on the disk and run the command again; earlier files are as they were',
  EDQUOT: 'free some of your disk quota and run the command again; earlier files are as they were',
  EACCES: 'check the rights of the file or folder',
  EPERM: 'check the rights of the file or folder',
  EROFS: 'the disk is read-only; give another folder',
  EMFILE: 'raise the limit of open files (ulimit -n) and run the command again',
  EIO: 'the disk reports an error; check it',
};

/** Errors of the system that are bad input: the folder or file that was named cannot be used. */
const INPUT_CODES = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR', 'EISDIR']);

/** What engines, allocators and the operating system say when memory runs out. */
const OUT_OF_MEMORY =
  /out of memory|cannot allocate|bad allocation|bad_alloc|array buffer allocation failed|invalid array buffer length|ERR_WORKER_OUT_OF_MEMORY/i;
const MEMORY_REMEDY =
  'give the process more (ulimit -v, the limit of the container), or let it need less: fewer --threads; retail-data-pipeline: a lower --memory-limit; retail-train: a smaller --batch-size or --gradient-checkpointing';

/**
 * Prints an error: what, where, remedy; the stack with `--verbose`.
 *
 * @returns the exit code: 2 for what the user can mend in input or usage, 1 for everything else
 */
export function reportError(terminal: Terminal, error: unknown, verbose: boolean): ExitCode {
  const mark = styled(terminal, 'red', 'error');
  const stack = (): void => {
    if (verbose && error instanceof Error) terminal.err(`${styled(terminal, 'dim', stackOf(error))}\n`);
  };
  const memory = memoryProblemOf(error);
  if (memory !== undefined) {
    terminal.err(`${mark}: memory ran out: ${memory}\n  ${MEMORY_REMEDY}\n`);
    stack();
    return ExitCode.failure;
  }
  if (error instanceof InputError) {
    const where = error.where === undefined ? '' : `${formatLocation(error.where)}: `;
    terminal.err(`${mark}: ${where}${error.what}\n  ${error.remedy}\n`);
    stack();
    return ExitCode.badInput;
  }
  if (error instanceof Failure) {
    terminal.err(`${mark}: ${error.message}\n  ${error.remedy}\n`);
    stack();
    return ExitCode.failure;
  }
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  terminal.err(`${mark}: ${message}\n`);
  const remedy = code === undefined ? undefined : SYSTEM_REMEDIES[code];
  if (remedy !== undefined) terminal.err(`  ${remedy}\n`);
  else if (!verbose) terminal.err('  run it again with --verbose to see where\n');
  stack();
  return code !== undefined && INPUT_CODES.has(code) ? ExitCode.badInput : ExitCode.failure;
}

/** The first line of an error that says that memory ran out, itself or by what caused it. */
function memoryProblemOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = codeOf(error) ?? '';
  if (OUT_OF_MEMORY.test(error.message) || OUT_OF_MEMORY.test(code) || code === 'ENOMEM') {
    return error.message.split('\n')[0];
  }
  return memoryProblemOf(error.cause);
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

function stackOf(error: Error): string {
  const own = error.stack ?? error.message;
  return error.cause instanceof Error ? `${own}\ncaused by ${stackOf(error.cause)}` : own;
}
