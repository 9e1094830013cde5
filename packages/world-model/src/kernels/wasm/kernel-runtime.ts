import type * as tf from '@tensorflow/tfjs';
import type { NativeGemm } from '../native/onnxruntime-gemm.js';
import type { TensorHeap } from './heap.js';
import { KERNEL_NAMES, type KernelName } from './kernel-module.js';
import type { ThreadPool } from './thread-pool.js';

/** What the kernels of the wasm backend run on. */
export interface KernelRuntime {
  readonly heap: TensorHeap;
  readonly run: (kernel: KernelName, args: readonly number[], split: JobSplit) => void;
  /**
   * Address of at least `bytes` bytes that stay valid until the next call: operands in panels, parts of sums. One
   * allocation that only grows.
   */
  readonly workspace: (bytes: number) => number;
  /** Computes large products instead of the own kernel. */
  readonly nativeGemm: NativeGemm | undefined;
}

export interface JobSplit {
  readonly items: number;
  /** Items that a thread takes at once: enough to outweigh the taking, some 20 microseconds. Default 1. */
  readonly grain?: number;
  /** Bytes of scratch memory that each thread passes as the argument before the items. */
  readonly scratchBytes?: number;
}

const ALIGNMENT = 64;

export function createKernelRuntime(
  heap: TensorHeap,
  pool: ThreadPool,
  nativeGemm: NativeGemm | undefined,
): KernelRuntime {
  const scratch = growingBlock(heap);
  const workspace = growingBlock(heap);
  const indexOf = new Map<KernelName, number>(KERNEL_NAMES.map((name, index) => [name, index]));
  return {
    heap,
    workspace,
    nativeGemm,
    run: (kernel, args, { items, grain = 1, scratchBytes = 0 }) => {
      const perThread = Math.ceil(scratchBytes / ALIGNMENT) * ALIGNMENT;
      pool.run({
        kernel: indexOf.get(kernel) ?? -1,
        args,
        items,
        grain,
        scratchBytes: perThread,
        scratchAddress: perThread === 0 ? 0 : scratch(perThread * pool.threads),
      });
    },
  };
}

/** A block of the heap that is replaced by a larger one when it is too small. */
function growingBlock(heap: TensorHeap): (bytes: number) => number {
  let address = 0;
  let size = 0;
  return (bytes) => {
    if (bytes > size) {
      if (address !== 0) heap.free(address);
      address = 0;
      size = 0;
      address = heap.allocate(bytes);
      size = bytes;
    }
    return address;
  };
}

/** A kernel of the wasm backend: computes outputs from inputs on the heap. */
export type WasmKernel = (
  runtime: KernelRuntime,
  inputs: Readonly<Record<string, tf.TensorInfo>>,
  attributes: Readonly<Record<string, unknown>>,
) => tf.TensorInfo[];

/** An input that the kernel can't do without. */
export function tensorInput(inputs: Readonly<Record<string, tf.TensorInfo>>, name: string): tf.TensorInfo {
  const tensor = inputs[name];
  if (tensor === undefined) throw new Error(`kernel input '${name}' is missing`);
  return tensor;
}
