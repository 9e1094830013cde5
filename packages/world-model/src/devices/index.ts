export type { DeviceKind, DeviceOptions } from './device.js';
export {
  AUTO_ORDER,
  DEVICE_CHOICES,
  DEVICE_NAMES,
  DEVICES,
  type DeviceChoice,
  type DeviceName,
} from './device-list.js';
export { fetchVariables } from './fetch-variables.js';
export {
  openNativeRuntime,
  RUNTIME_KINDS,
  RUNTIME_MANIFEST,
  RUNTIMES_VARIABLE,
  type RuntimeKind,
  type RuntimeManifest,
  readRuntimeManifest,
  runtimeManifest,
  runtimesFolder,
  TFJS_GLOBAL,
} from './native-runtime.js';
export { type Device, type Rejection, resolveDevice, tryCandidate } from './resolve-device.js';
export { runSelfTest } from './self-test.js';
