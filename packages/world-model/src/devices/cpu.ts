import type { DeviceKind } from './device.js';
import { openNativeRuntime } from './native-runtime.js';
import { wasmCandidate, wasmWithNativeGemm } from './wasm.js';

/** The fastest engine of this machine's processor. */
export const cpuDevice: DeviceKind = {
  needs: 'nothing; faster with the native runtime, or with the optional package onnxruntime-node',
  remedy: 'build the project: `pnpm build`',
  candidates: [
    { title: 'TensorFlow', open: (options) => openNativeRuntime('cpu', options) },
    wasmWithNativeGemm,
    wasmCandidate,
  ],
};
