import { InputError } from '@retail-sim/errors';
import type * as tf from '@tensorflow/tfjs';
import { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { sizeOf } from '../shapes.js';

/** The heap of the tfjs wasm backend, where its tensors live and where the kernels work. */
export interface TensorHeap {
  readonly memory: WebAssembly.Memory;
  /** Address of `bytes` new bytes, never 0. */
  readonly allocate: (bytes: number) => number;
  readonly free: (address: number) => void;
  readonly addressOf: (tensor: tf.TensorInfo) => number;
  /** A new tensor whose content is not set, and its address. */
  readonly output: (shape: readonly number[], dtype?: 'float32' | 'int32') => HeapTensor;
  /** A tensor on the same data, which is freed when the last of its tensors is. */
  readonly share: (tensor: tf.TensorInfo) => tf.TensorInfo;
}

export interface HeapTensor {
  readonly info: tf.TensorInfo;
  readonly address: number;
}

/** The allocator takes a larger size for a negative one, and shrinks the heap. */
const LARGEST_ALLOCATION = 2 ** 31 - 2 ** 16;
/** Beyond 4 GiB the allocator's end of the heap wraps to 0, and it hands out memory that is in use. */
const HEAP_LIMIT = 2 ** 32 - 2 ** 20;

/**
 * Opens the heap of a wasm backend. Its allocator reports exhaustion by address 0, which tfjs doesn't check, or not at
 * all; from here on every tensor of the backend that doesn't fit is an error instead of a write to foreign memory.
 */
export function openTensorHeap(backend: object): TensorHeap {
  const heap = openHeaps.get(backend) ?? guardHeap(backend);
  openHeaps.set(backend, heap);
  return heap;
}

const openHeaps = new WeakMap<object, TensorHeap>();

function guardHeap(backend: object): TensorHeap {
  if (!(backend instanceof BackendWasm)) throw new Error('the current tfjs backend is not wasm');
  const memory: unknown = Reflect.get(Object(Reflect.get(backend.wasm, 'asm')), 'memory');
  if (!(memory instanceof WebAssembly.Memory)) throw new Error('the tfjs wasm backend shows no memory');
  const wasm: object = backend.wasm;
  const release = heapFunction(wasm, '_free');
  // The first call replaces the loader's stand-in by the real function.
  release(heapFunction(wasm, '_malloc')(8));
  const allocateUnchecked = heapFunction(wasm, '_malloc');
  let highestEnd = 0;
  const allocate = (bytes: number): number => {
    const fits = bytes <= LARGEST_ALLOCATION && highestEnd + bytes <= HEAP_LIMIT;
    const address = fits ? allocateUnchecked(bytes) >>> 0 : 0; // above 2 GiB it comes back negative
    if (address === 0 && bytes > 0) {
      throw new InputError({
        what: `out of memory: ${bytes} bytes don't fit into the wasm heap (${highestEnd} of ${HEAP_LIMIT} in use)`,
        remedy: 'use a smaller batch, gradient checkpointing or another device',
      });
    }
    highestEnd = Math.max(highestEnd, address + bytes);
    return address;
  };
  Reflect.set(wasm, '_malloc', allocate);
  return {
    memory,
    allocate,
    free: release,
    addressOf: ({ dataId }) => backend.getMemoryOffset(dataId) >>> 0,
    output: (shape, dtype = 'float32') => {
      const address = allocate(sizeOf(shape) * 4);
      return { info: backend.makeOutput([...shape], dtype, address), address };
    },
    share: ({ dataId, shape, dtype }) => {
      backend.incRef(dataId);
      return { dataId, shape, dtype };
    },
  };
}

function heapFunction(wasm: object, name: string): (argument: number) => number {
  const candidate: unknown = Reflect.get(wasm, name);
  if (typeof candidate !== 'function') throw new Error(`the tfjs wasm backend has no ${name}`);
  return (argument) => Number(candidate(argument));
}
