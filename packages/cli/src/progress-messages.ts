import { z } from 'zod';
import type { Progress, ProgressTask } from './progress.js';

/** Environment variable by which a parent process asks a command for its progress as messages. */
export const PROGRESS_VARIABLE = 'RETAIL_SIM_PROGRESS';
/** Value of {@link PROGRESS_VARIABLE}. */
export const PROGRESS_MESSAGES = 'messages';

/** A task sends no more often than this; what it has done meanwhile is in the next message. */
const SEND_MILLISECONDS = 50;

const messageSchema = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('task'),
    task: z.number(),
    label: z.string(),
    total: z.number().optional(),
    unit: z.string(),
  }),
  z.object({
    event: z.literal('update'),
    task: z.number(),
    done: z.number(),
    total: z.number().optional(),
    note: z.string().optional(),
  }),
  z.object({ event: z.literal('done'), task: z.number(), note: z.string().optional() }),
]);

/** What a task tells the display in another thread or process. */
export type ProgressMessage = z.infer<typeof messageSchema>;

/**
 * Progress that is shown somewhere else: in a worker thread give `parentPort.postMessage`, in a child process
 * `process.send`. The other side hands each message to {@link relayProgress}.
 */
export function progressByMessages(
  send: (message: ProgressMessage) => void,
  now: () => number = () => performance.now(),
): Progress {
  let tasks = 0;
  return {
    clear: () => {},
    task: (label, total, unit = '') => {
      const task = tasks++;
      let state: { done: number; total: number | undefined; note: string | undefined } = {
        done: 0,
        total,
        note: undefined,
      };
      let lastSent = now();
      const tell = (): void => {
        send({ event: 'update', task, ...withoutUndefined(state) });
        lastSent = now();
      };
      const change = (to: Partial<typeof state>): void => {
        state = { ...state, ...to };
        if (now() - lastSent >= SEND_MILLISECONDS) tell();
      };
      send({ event: 'task', task, label, unit, ...(total === undefined ? {} : { total }) });
      return {
        advance: (amount) => change({ done: state.done + amount }),
        update: (done, note) => change(note === undefined ? { done } : { done, note }),
        setTotal: (value) => change({ total: value }),
        done: (note) => {
          tell();
          send({ event: 'done', task, ...(note === undefined ? {} : { note }) });
        },
      };
    },
  };
}

/**
 * Shows tasks of another thread or process.
 *
 * @param prefix stands before each label
 * @returns takes a message; what is no progress message is left alone and answered with false
 */
export function relayProgress(progress: Progress, prefix = ''): (message: unknown) => boolean {
  const tasks = new Map<number, ProgressTask>();
  return (message) => {
    const parsed = messageSchema.safeParse(message);
    if (!parsed.success) return false;
    const { data } = parsed;
    if (data.event === 'task') {
      tasks.set(data.task, progress.task(`${prefix}${data.label}`, data.total, data.unit));
      return true;
    }
    const task = tasks.get(data.task);
    if (data.event === 'update') {
      if (data.total !== undefined) task?.setTotal(data.total);
      task?.update(data.done, data.note);
    } else {
      task?.done(data.note);
      tasks.delete(data.task);
    }
    return true;
  };
}

function withoutUndefined(state: { done: number; total: number | undefined; note: string | undefined }) {
  const { done, total, note } = state;
  return { done, ...(total === undefined ? {} : { total }), ...(note === undefined ? {} : { note }) };
}
