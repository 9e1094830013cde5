// A worker thread: sleeps until a job is opened, helps with it, sleeps again.

import { parentPort, workerData } from 'node:worker_threads';
import { ACTIVE, GENERATION, jobBoardOf, OPEN, STOP, workOnJob } from './job.js';
import { allowRelaxedSimd, instantiateKernels, KERNEL_NAMES } from './kernel-module.js';

export interface WorkerStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly board: SharedArrayBuffer;
  /** 1.. ; the main thread is 0. */
  readonly threadIndex: number;
}

/** Looks at the board before going to sleep: a step is a row of short jobs, and waking up costs more than looking. */
const LOOKS_BEFORE_SLEEP = 4000;

function serve({ module, memory, board: buffer, threadIndex }: WorkerStart): void {
  allowRelaxedSimd();
  const kernelOf = instantiateKernels(module, memory);
  const kernels = KERNEL_NAMES.map(kernelOf);
  const board = jobBoardOf(buffer);
  const { control } = board;
  let seen = Atomics.load(control, GENERATION);
  parentPort?.postMessage('ready');
  for (;;) {
    for (let look = 0; look < LOOKS_BEFORE_SLEEP && Atomics.load(control, GENERATION) === seen; look++);
    Atomics.wait(control, GENERATION, seen);
    if (Atomics.load(control, STOP) === 1) return;
    seen = Atomics.load(control, GENERATION);
    // Joining is counted first and looked up second; the main thread closes first and counts second. So either this
    // thread sees the job closed, or the main thread waits for it.
    Atomics.add(control, ACTIVE, 1);
    try {
      if (Atomics.load(control, OPEN) === 1) workOnJob(board, kernels, threadIndex);
    } finally {
      Atomics.sub(control, ACTIVE, 1);
      Atomics.notify(control, ACTIVE);
    }
  }
}

serve(workerData);
