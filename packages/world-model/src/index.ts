export * from './devices/index.js';
export * from './kernels/index.js';
export * from './losses/index.js';
export * from './model/index.js';
export * from './safetensors/index.js';
export * from './torch-archive/index.js';
