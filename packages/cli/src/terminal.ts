/** Where a command writes, and what that place can show. Made once from the process, passed on from there. */
export interface Terminal {
  /** Writes results. */
  readonly out: (text: string) => void;
  /** Writes progress, logs and errors. */
  readonly err: (text: string) => void;
  /** True where stderr is a screen that can be redrawn. */
  readonly interactive: boolean;
  readonly color: boolean;
  /** Columns of the screen. */
  readonly width: number;
  /** Milliseconds, for rates. */
  readonly now: () => number;
}

/** The terminal of this process. NO_COLOR (no-color.org) and a plain TERM switch colours off. */
export function processTerminal(): Terminal {
  const { NO_COLOR, TERM, CI } = process.env;
  const interactive = process.stderr.isTTY === true && TERM !== 'dumb' && CI === undefined;
  return {
    out: (text) => {
      process.stdout.write(text);
    },
    err: (text) => {
      process.stderr.write(text);
    },
    interactive,
    color: interactive && (NO_COLOR === undefined || NO_COLOR === ''),
    width: process.stderr.columns ?? 80,
    now: () => performance.now(),
  };
}

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;

/** `text` in a style where the terminal shows colours. */
export function styled(terminal: Pick<Terminal, 'color'>, style: keyof typeof CODES, text: string): string {
  return terminal.color ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text;
}
