export { type MachineReport, machineReport } from './doctor/machine-report.js';
export { type RuntimeSource, runtimeSource } from './setup/runtime-source.js';
export { type SetUpOptions, type SetUpResult, setUpRuntime } from './setup/set-up-runtime.js';
