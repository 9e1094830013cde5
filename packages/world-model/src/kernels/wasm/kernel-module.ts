import { readFile } from 'node:fs/promises';
import v8 from 'node:v8';

/** The functions that assembly/index.ts exports and jobs may name; a job sends the index in this list. */
export const KERNEL_NAMES = [
  'adamW',
  'attend',
  'attendGradient',
  'convolve',
  'convolveGradient',
  'dropout',
  'gelu',
  'geluGradient',
  'layerNorm',
  'layerNormGradient',
  'lookUpRows',
  'multiplyByDecay',
  'multiplyPanels',
  'packPanels',
  'scanBackward',
  'scanForward',
  'segmentSum',
  'silu',
  'siluGate',
  'siluGateGradient',
  'siluGradient',
  'softplus',
  'softplusGradient',
  'sumConvolutionParts',
  'sumOfSquares',
  'sumRows',
  'targetLogProbability',
  'targetLogProbabilityGradient',
] as const;

export type KernelName = (typeof KERNEL_NAMES)[number];

/** All arguments are numbers: addresses, lengths, factors; the last two are the items begin and end. */
export type KernelFunction = (...args: number[]) => unknown;

const BUILD_FOLDER = new URL('../../../dist/kernels/wasm/', import.meta.url);

/** The tfjs wasm binary with its memory marked as shared, made by scripts/build-kernels.mjs. */
export const SHARED_BACKEND_BINARY = new URL('tfjs-backend-wasm-simd-shared.wasm', BUILD_FOLDER);

/** The script of a worker thread; only its compiled form can be started. */
export const WORKER_SCRIPT = new URL('worker.js', BUILD_FOLDER);

export interface CompiledKernels {
  readonly module: WebAssembly.Module;
  /** Whether products and sums are fused (one rounding), which needs relaxed SIMD. */
  readonly fusedMultiplyAdd: boolean;
}

/** Compiles the fastest build of the kernels that this engine accepts. */
export async function compileKernels(): Promise<CompiledKernels> {
  allowRelaxedSimd();
  for (const fusedMultiplyAdd of [true, false]) {
    const file = fusedMultiplyAdd ? 'kernels-relaxed-simd.wasm' : 'kernels-simd.wasm';
    const bytes = await readFile(new URL(file, BUILD_FOLDER));
    if (WebAssembly.validate(bytes)) return { module: await WebAssembly.compile(bytes), fusedMultiplyAdd };
  }
  throw new Error('this JavaScript engine has no WebAssembly SIMD');
}

/** Last release of Node that has relaxed SIMD behind a flag; later ones have it on and print an error about the flag. */
const LAST_NODE_WITH_FLAG = 20;

/** Switches relaxed SIMD on where it is not. */
export function allowRelaxedSimd(): void {
  if (Number.parseInt(process.versions.node, 10) > LAST_NODE_WITH_FLAG) return;
  v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
}

/** The kernels on a memory, by name. */
export function instantiateKernels(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): (name: string) => KernelFunction {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return (name) => {
    const kernel = exports[name];
    if (typeof kernel !== 'function') throw new Error(`the kernel module exports no function '${name}'`);
    return (...args) => kernel(...args);
  };
}
