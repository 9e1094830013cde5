export * from './devices/index.js';
export * from './kernels/index.js';
