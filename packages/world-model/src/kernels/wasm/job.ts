// How a job reaches the threads: its numbers lie in one shared buffer, an Int32Array of control words and a Float64Array
// of arguments. A job is a kernel over `items` independent items; each thread takes the next `grain` of them until none
// are left. Which thread computes an item changes nothing about its bytes.

import type { KernelFunction } from './kernel-module.js';

/** Control words. */
export const GENERATION = 0; // counts jobs; threads sleep on it
export const OPEN = 1; // 1 while a thread may still join the job
export const ACTIVE = 2; // worker threads inside a job
const NEXT_ITEM = 3;
const ITEMS = 4;
const GRAIN = 5;
const KERNEL = 6;
const ARGUMENTS = 7;
const SCRATCH_ADDRESS = 8;
const SCRATCH_BYTES = 9; // per thread; 0: the kernel takes no scratch memory
export const STOP = 10;
const CONTROL_WORDS = 16;
const MOST_ARGUMENTS = 32;

export interface JobBoard {
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly values: Float64Array<SharedArrayBuffer>;
}

export interface Job {
  readonly kernel: number;
  readonly args: readonly number[];
  readonly items: number;
  readonly grain: number;
  readonly scratchAddress: number;
  readonly scratchBytes: number;
}

export function createJobBoard(): JobBoard {
  return jobBoardOf(new SharedArrayBuffer(CONTROL_WORDS * 4 + MOST_ARGUMENTS * 8));
}

export function jobBoardOf(buffer: SharedArrayBuffer): JobBoard {
  return {
    control: new Int32Array(buffer, 0, CONTROL_WORDS),
    values: new Float64Array(buffer, CONTROL_WORDS * 4, MOST_ARGUMENTS),
  };
}

/** Puts a job on the board, without opening it. */
export function writeJob({ control, values }: JobBoard, job: Job): void {
  if (job.args.length > MOST_ARGUMENTS) throw new Error(`a job takes at most ${MOST_ARGUMENTS} arguments`);
  values.set(job.args);
  control[ITEMS] = job.items;
  control[GRAIN] = job.grain;
  control[KERNEL] = job.kernel;
  control[ARGUMENTS] = job.args.length;
  control[SCRATCH_ADDRESS] = job.scratchAddress | 0;
  control[SCRATCH_BYTES] = job.scratchBytes;
  Atomics.store(control, NEXT_ITEM, 0);
}

/** Takes items of the job on the board until none are left. */
export function workOnJob(
  { control, values }: JobBoard,
  kernels: readonly KernelFunction[],
  threadIndex: number,
): void {
  const items = control[ITEMS] ?? 0;
  const grain = control[GRAIN] ?? 1;
  const kernel = kernels[control[KERNEL] ?? 0];
  if (kernel === undefined) throw new Error('a job names no kernel');
  const args = Array.from(values.subarray(0, control[ARGUMENTS]));
  const scratchBytes = control[SCRATCH_BYTES] ?? 0;
  if (scratchBytes > 0) args.push(((control[SCRATCH_ADDRESS] ?? 0) >>> 0) + threadIndex * scratchBytes);
  for (;;) {
    const begin = Atomics.add(control, NEXT_ITEM, grain);
    if (begin >= items) return;
    kernel(...args, begin, Math.min(begin + grain, items));
  }
}
