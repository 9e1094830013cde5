import type { Progress } from './progress.js';
import { styled, type Terminal } from './terminal.js';

/** Lines on stderr. */
export interface Log {
  /** Shown with `--verbose`. */
  readonly detail: (message: string) => void;
  /** What a user wants to see; silent with `--quiet`. */
  readonly info: (message: string) => void;
  /** What may be wrong but stops nothing; silent with `--quiet`. */
  readonly warn: (message: string) => void;
}

export function createLog(
  terminal: Terminal,
  progress: Progress,
  { quiet, verbose }: { readonly quiet: boolean; readonly verbose: boolean },
): Log {
  const line = (text: string): void => {
    progress.clear();
    terminal.err(`${text}\n`);
  };
  return {
    detail: (message) => {
      if (verbose && !quiet) line(styled(terminal, 'dim', message));
    },
    info: (message) => {
      if (!quiet) line(message);
    },
    warn: (message) => {
      if (!quiet) line(`${styled(terminal, 'yellow', 'warning')}: ${message}`);
    },
  };
}
