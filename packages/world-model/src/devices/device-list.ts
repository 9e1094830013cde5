import { cpuDevice } from './cpu.js';
import { cudaDevice } from './cuda.js';
import type { DeviceKind } from './device.js';
import { mpsDevice } from './mps.js';
import { wasmDevice } from './wasm.js';
import { webgpuDevice } from './webgpu.js';

/** Every device, by the name that a user gives it. A new one is a file and a line here. */
export const DEVICES = {
  cpu: cpuDevice,
  wasm: wasmDevice,
  cuda: cudaDevice,
  webgpu: webgpuDevice,
  mps: mpsDevice,
} as const satisfies Readonly<Record<string, DeviceKind>>;

export type DeviceName = keyof typeof DEVICES;

export const DEVICE_NAMES: readonly DeviceName[] = Object.keys(DEVICES).filter(isDeviceName);

/** What `--device` accepts; `auto` stands for the best device that works. */
export type DeviceChoice = 'auto' | DeviceName;

export const DEVICE_CHOICES: readonly DeviceChoice[] = ['auto', ...DEVICE_NAMES];

/** What `auto` tries, in this order. `cpu` ends with `wasm`, which always works. */
export const AUTO_ORDER: readonly DeviceName[] = ['cuda', 'cpu'];

function isDeviceName(name: string): name is DeviceName {
  return Object.hasOwn(DEVICES, name);
}
