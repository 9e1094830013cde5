import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '@retail-sim/errors';
import * as tf from '@tensorflow/tfjs';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { loadOnnxruntimeGemm, type NativeGemm } from '../native/onnxruntime-gemm.js';
import { openTensorHeap } from './heap.js';
import { WASM_KERNELS } from './kernel-list.js';
import { compileKernels, SHARED_BACKEND_BINARY } from './kernel-module.js';
import { createKernelRuntime, type KernelRuntime } from './kernel-runtime.js';
import { startThreadPool } from './thread-pool.js';

export interface WasmBackendOptions {
  /** Threads that share the work of a kernel, this one included; default 1. The results don't depend on it. */
  readonly threads?: number;
  /**
   * Leave large matrix products to the optional package onnxruntime-node; an error if it can't be loaded. Default false.
   */
  readonly nativeGemm?: boolean;
}

export interface WasmBackend {
  readonly threads: number;
  /** Whether products and sums are fused (relaxed SIMD); results differ in the last bits from an engine without. */
  readonly fusedMultiplyAdd: boolean;
  readonly nativeGemm: boolean;
  /** Ends the worker threads and takes the kernels out again; the tfjs backend stays. */
  readonly close: () => Promise<void>;
}

/**
 * Makes `wasm` the current tfjs backend, with the package's own kernels on its heap. The heap is shared memory, so that
 * worker threads compute in place; for that tfjs loads its own binary with the memory marked as shared.
 */
export async function startWasmBackend({
  threads = 1,
  nativeGemm = false,
}: WasmBackendOptions = {}): Promise<WasmBackend> {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new InputError({
      what: `threads is ${threads}, expected an integer of 1 or more`,
      remedy: 'pass --threads 1 or more',
    });
  }
  requireAddressSpace();
  const gemm = nativeGemm ? loadNativeGemm(threads) : undefined;
  if (tf.findBackend('wasm') == null) chooseBinaries();
  await tf.setBackend('wasm');
  const heap = openTensorHeap(tf.backend());
  if (!(heap.memory.buffer instanceof SharedArrayBuffer)) {
    throw new InputError({
      what: 'the tfjs wasm backend was started without shared memory',
      remedy: 'call startWasmBackend before anything else uses the wasm backend',
    });
  }
  const compiled = await compileKernels();
  const pool = await startThreadPool(compiled, heap.memory, threads);
  const unregister = registerKernels(createKernelRuntime(heap, pool, gemm));
  const close = async (): Promise<void> => {
    unregister();
    await pool.close();
  };
  return { threads, fusedMultiplyAdd: compiled.fusedMultiplyAdd, nativeGemm, close };
}

/** WebAssembly reserves the addresses of a whole heap at once; tfjs alone would print pages of its own about it. */
function requireAddressSpace(): void {
  try {
    new WebAssembly.Memory({ initial: 1, maximum: 65_536, shared: true });
  } catch (cause) {
    throw new InputError({
      what: 'out of memory: WebAssembly needs several GiB of address space',
      remedy: 'raise the limit of virtual memory (ulimit -v)',
      cause,
    });
  }
}

function loadNativeGemm(threads: number): NativeGemm {
  try {
    return loadOnnxruntimeGemm(threads);
  } catch (cause) {
    throw new InputError({
      what: `onnxruntime-node can't be used: ${cause instanceof Error ? cause.message : String(cause)}`,
      remedy: 'install the optional dependencies (pnpm install), or do without native matrix products',
      cause,
    });
  }
}

function chooseBinaries(): void {
  const shared = fileURLToPath(SHARED_BACKEND_BINARY);
  if (!existsSync(shared)) {
    throw new InputError({ what: `${shared} is missing`, remedy: 'build the project: pnpm build' });
  }
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve('@tensorflow/tfjs-backend-wasm'));
  setWasmPaths({
    'tfjs-backend-wasm.wasm': join(folder, 'tfjs-backend-wasm.wasm'),
    'tfjs-backend-wasm-simd.wasm': shared,
    'tfjs-backend-wasm-threaded-simd.wasm': join(folder, 'tfjs-backend-wasm-threaded-simd.wasm'),
  });
  setThreadsCount(1);
}

/** Returns what takes the kernels out again. */
function registerKernels(runtime: KernelRuntime): () => void {
  const backendName = 'wasm';
  const replaced: tf.KernelConfig[] = [];
  for (const [kernelName, kernel] of Object.entries(WASM_KERNELS)) {
    // A kernel of tfjs, or a composition that an earlier use of the op registered.
    const earlier: tf.KernelConfig | undefined = tf.getKernel(kernelName, backendName);
    if (earlier != null) {
      replaced.push(earlier);
      tf.unregisterKernel(kernelName, backendName);
    }
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs }) => {
        const tensors: Record<string, tf.TensorInfo> = {};
        for (const [name, tensor] of Object.entries(inputs)) if (tensor !== undefined) tensors[name] = tensor;
        const outputs = kernel(runtime, tensors, { ...attrs });
        // The stock ops that a kernel replaces expect one tensor instead of a list of one.
        const [first] = outputs;
        return outputs.length === 1 && first !== undefined ? first : outputs;
      },
    });
  }
  return () => {
    for (const kernelName of Object.keys(WASM_KERNELS)) tf.unregisterKernel(kernelName, backendName);
    for (const kernel of replaced) tf.registerKernel(kernel);
  };
}
