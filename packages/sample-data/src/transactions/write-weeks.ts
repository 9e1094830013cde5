import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Shopper } from '../baskets/week-baskets.js';
import type { SampleParameters, World } from '../world.js';
import type { SegmentNames } from './week-csv.js';
import { createWeekWriter, type WeekCounts } from './write-week.js';

export interface WeekTask {
  readonly weekIndex: number;
  readonly path: string;
}

export interface WeekWorkerData {
  readonly parameters: SampleParameters;
  readonly segmentNames: SegmentNames;
  readonly gzip: boolean;
}

export interface WeekPool {
  /** Makes the file of a week; at most as many at once as there are threads. */
  readonly write: (weekIndex: number, path: string) => Promise<WeekCounts>;
  readonly close: () => Promise<void>;
}

interface WorkerAnswer {
  readonly counts?: WeekCounts;
  readonly error?: unknown;
  readonly code?: unknown;
}

/**
 * Threads that make weeks. A week depends on nothing but the parameters, so the files are the same for any number
 * of threads; with one, no thread is started.
 */
export function openWeekPool(
  world: World,
  shoppers: readonly Shopper[],
  options: { readonly threads: number; readonly segmentNames: SegmentNames; readonly gzip: boolean },
): WeekPool {
  const { segmentNames, gzip } = options;
  if (options.threads === 1) {
    return { write: createWeekWriter(world, shoppers, { segmentNames, gzip }), close: async () => {} };
  }
  const workerData: WeekWorkerData = { parameters: world.parameters, segmentNames, gzip };
  const workers = Array.from(
    { length: options.threads },
    () => new Worker(new URL('./week-worker.js', import.meta.url), { workerData }),
  );
  const free = [...workers];
  const waiting: ((worker: Worker) => void)[] = [];
  const take = async (): Promise<Worker> => free.pop() ?? new Promise((resolve) => waiting.push(resolve));
  const giveBack = (worker: Worker): void => {
    const next = waiting.shift();
    if (next === undefined) free.push(worker);
    else next(worker);
  };
  return {
    write: async (weekIndex, path) => {
      const worker = await take();
      try {
        worker.postMessage({ weekIndex, path } satisfies WeekTask);
        const [answer]: WorkerAnswer[] = await once(worker, 'message');
        if (answer?.counts === undefined) throw errorOf(answer);
        return answer.counts;
      } finally {
        giveBack(worker);
      }
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

function errorOf(answer: WorkerAnswer | undefined): unknown {
  if (!(answer?.error instanceof Error))
    return new Error('a thread ended without an answer', { cause: answer });
  return answer.code === undefined ? answer.error : Object.assign(answer.error, { code: answer.code });
}
