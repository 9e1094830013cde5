import { cpuDevice } from './cpu.js';
import { cudaDevice } from './cuda.js';
import type { DeviceKind, DeviceName } from './device.js';
import { mpsDevice } from './mps.js';
import { wasmDevice } from './wasm.js';
import { webgpuDevice } from './webgpu.js';

/** Every device, by name. A new one is a file and a line here (and its name in `DEVICE_NAMES`). */
export const DEVICES: Readonly<Record<DeviceName, DeviceKind>> = {
  cpu: cpuDevice,
  wasm: wasmDevice,
  cuda: cudaDevice,
  webgpu: webgpuDevice,
  mps: mpsDevice,
};

/** What `auto` tries, in this order. `cpu` ends with `wasm`, which always works. */
export const AUTO_ORDER: readonly DeviceName[] = ['cuda', 'cpu'];
