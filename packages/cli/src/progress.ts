import { formatDuration, formatNumber } from './format.js';
import { styled, type Terminal } from './terminal.js';

/** One running task. Calls are cheap: nothing is drawn more often than the terminal can show. */
export interface ProgressTask {
  /** Adds to what is done. */
  readonly advance: (amount: number) => void;
  /** Sets what is done; a note replaces the one shown behind the bar. */
  readonly update: (done: number, note?: string) => void;
  /** Sets how much there is to do, once it is known. */
  readonly setTotal: (total: number) => void;
  /** Ends the task and prints its time. */
  readonly done: (note?: string) => void;
}

export interface Progress {
  /**
   * Starts a task.
   *
   * @param total how much there is to do; leave out where nobody knows
   * @param unit what is counted, for example `rows`
   */
  readonly task: (label: string, total?: number, unit?: string) => ProgressTask;
  /** Takes a bar off the screen so that a line can be printed; it is drawn again with the next call. */
  readonly clear: () => void;
}

const BAR_WIDTH = 24;
const REDRAW_MILLISECONDS = 100;
/** Without a screen a task says where it is this often. */
const PLAIN_MILLISECONDS = 10_000;

interface TaskState {
  readonly label: string;
  readonly unit: string;
  readonly started: number;
  total: number | undefined;
  done: number;
  note: string;
  lastDrawn: number;
}

/** `42 %`, rate and time left of a task. */
function describe(state: TaskState, now: number): string {
  const seconds = (now - state.started) / 1000;
  const rate = seconds > 0 ? state.done / seconds : 0;
  const parts = [];
  if (state.total !== undefined && state.total > 0) {
    parts.push(`${Math.min(100, Math.floor((100 * state.done) / state.total))} %`);
    parts.push(`${formatNumber(state.done)}/${formatNumber(state.total)} ${state.unit}`.trimEnd());
  } else {
    parts.push(`${formatNumber(state.done)} ${state.unit}`.trimEnd());
  }
  if (rate > 0) {
    parts.push(`${formatNumber(rate, rate < 10 ? 1 : 0)}/s`);
    if (state.total !== undefined && state.total > state.done) {
      parts.push(`ETA ${formatDuration((state.total - state.done) / rate)}`);
    }
  }
  if (state.note !== '') parts.push(state.note);
  return parts.join('  ');
}

function bar(terminal: Terminal, state: TaskState, now: number): string {
  const share = state.total ? Math.min(1, state.done / state.total) : 0;
  const full = Math.round(share * BAR_WIDTH);
  const drawn = state.total === undefined ? '' : `[${'='.repeat(full)}${' '.repeat(BAR_WIDTH - full)}] `;
  return `${state.label} ${drawn}${describe(state, now)}`.slice(0, Math.max(20, terminal.width - 1));
}

/** Progress on stderr: a bar that is redrawn on a screen, a line now and then elsewhere, nothing when quiet. */
export function createProgress(terminal: Terminal, quiet: boolean): Progress {
  let onScreen = false;
  const clear = (): void => {
    if (onScreen) terminal.err('\r\u001b[2K');
    onScreen = false;
  };
  const draw = (state: TaskState): void => {
    if (quiet) return;
    const now = terminal.now();
    const pause = terminal.interactive ? REDRAW_MILLISECONDS : PLAIN_MILLISECONDS;
    if (now - state.lastDrawn < pause) return;
    state.lastDrawn = now;
    if (terminal.interactive) {
      terminal.err(`\r\u001b[2K${bar(terminal, state, now)}`);
      onScreen = true;
    } else {
      terminal.err(`${state.label}: ${describe(state, now)}\n`);
    }
  };
  return {
    clear,
    task: (label, total, unit = '') => {
      const started = terminal.now();
      const state: TaskState = { label, unit, started, total, done: 0, note: '', lastDrawn: started };
      return {
        advance: (amount) => {
          state.done += amount;
          draw(state);
        },
        update: (done, note) => {
          state.done = done;
          if (note !== undefined) state.note = note;
          draw(state);
        },
        setTotal: (value) => {
          state.total = value;
        },
        done: (note) => {
          clear();
          if (quiet) return;
          const seconds = (terminal.now() - state.started) / 1000;
          const counted = state.done > 0 ? ` ${formatNumber(state.done)} ${state.unit}`.trimEnd() : '';
          const said = note === undefined ? counted : ` ${note}`;
          const mark = styled(terminal, 'green', 'done');
          terminal.err(`${label}: ${mark}${said === '' ? '' : `,${said}`} in ${formatDuration(seconds)}\n`);
        },
      };
    },
  };
}
