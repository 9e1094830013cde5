import { startWasmBackend } from '../kernels/index.js';
import type { Candidate, DeviceKind, OpenBackend } from './device.js';

/** The package's own kernels. */
export const wasmCandidate: Candidate = {
  title: 'WebAssembly',
  open: ({ threads }) => openWasm(threads, false),
};

/** The same, with large matrix products left to onnxruntime-node. */
export const wasmWithNativeGemm: Candidate = {
  title: 'WebAssembly with onnxruntime-node',
  open: ({ threads }) => openWasm(threads, true),
};

/** Works wherever Node does. */
export const wasmDevice: DeviceKind = {
  needs: 'nothing',
  remedy: 'build the project: `pnpm build`',
  candidates: [wasmCandidate],
};

async function openWasm(threads: number, nativeGemm: boolean): Promise<OpenBackend> {
  const { fusedMultiplyAdd, close } = await startWasmBackend({ threads, nativeGemm });
  const parts = [
    `WebAssembly ${fusedMultiplyAdd ? 'relaxed SIMD' : 'SIMD'}`,
    ...(nativeGemm ? ['matrix products by onnxruntime-node'] : []),
    `${threads} ${threads === 1 ? 'thread' : 'threads'}`,
  ];
  return { backend: 'wasm', description: parts.join(', '), threads, close };
}
