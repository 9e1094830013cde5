export {
  DEVICE_CHOICES,
  DEVICE_NAMES,
  type Device,
  type DeviceChoice,
  type DeviceKind,
  type DeviceName,
  type DeviceOptions,
  type Rejection,
} from './device.js';
export { AUTO_ORDER, DEVICES } from './device-list.js';
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
export { resolveDevice, tryCandidate } from './resolve-device.js';
export { runSelfTest } from './self-test.js';
