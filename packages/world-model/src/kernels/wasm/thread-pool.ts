import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { ACTIVE, createJobBoard, GENERATION, type Job, OPEN, STOP, workOnJob, writeJob } from './job.js';
import { type CompiledKernels, instantiateKernels, KERNEL_NAMES, WORKER_SCRIPT } from './kernel-module.js';
import type { WorkerStart } from './worker.js';

export interface ThreadPool {
  /** The main thread included. */
  readonly threads: number;
  /** Runs a job on all threads and returns when its last item is done. */
  readonly run: (job: Job) => void;
  readonly close: () => Promise<void>;
}

/** Looks at the count of busy threads before the main thread goes to sleep on it. */
const LOOKS_BEFORE_SLEEP = 2000;

/**
 * Starts `threads - 1` worker threads on a shared memory. They sleep between jobs and don't keep the process alive.
 */
export async function startThreadPool(
  { module }: CompiledKernels,
  memory: WebAssembly.Memory,
  threads: number,
): Promise<ThreadPool> {
  const board = createJobBoard();
  const { control } = board;
  const kernelOf = instantiateKernels(module, memory);
  const kernels = KERNEL_NAMES.map(kernelOf);
  const workers = await Promise.all(
    Array.from({ length: threads - 1 }, (_, i) =>
      startWorker({ module, memory, board: control.buffer, threadIndex: i + 1 }),
    ),
  );

  const run = (job: Job): void => {
    if (job.items <= 0) return;
    writeJob(board, job);
    const shared = workers.length > 0 && job.items > job.grain;
    if (shared) {
      Atomics.store(control, OPEN, 1);
      Atomics.add(control, GENERATION, 1);
      Atomics.notify(control, GENERATION);
    }
    workOnJob(board, kernels, 0);
    if (shared) {
      Atomics.store(control, OPEN, 0);
      waitForWorkers(control);
    }
  };
  const close = async (): Promise<void> => {
    Atomics.store(control, STOP, 1);
    Atomics.add(control, GENERATION, 1);
    Atomics.notify(control, GENERATION);
    await Promise.all(workers.map((worker) => worker.terminate()));
  };
  return { threads, run, close };
}

async function startWorker(start: WorkerStart): Promise<Worker> {
  const worker = new Worker(WORKER_SCRIPT, { workerData: start, execArgv: [] });
  await once(worker, 'message'); // 'ready'; a failure to start rejects
  worker.unref();
  return worker;
}

function waitForWorkers(control: Int32Array<SharedArrayBuffer>): void {
  for (let look = 0; look < LOOKS_BEFORE_SLEEP; look++) {
    if (Atomics.load(control, ACTIVE) === 0) return;
  }
  for (;;) {
    const active = Atomics.load(control, ACTIVE);
    if (active === 0) return;
    Atomics.wait(control, ACTIVE, active);
  }
}
