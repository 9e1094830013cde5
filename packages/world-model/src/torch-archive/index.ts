export { readTorchArchive } from './read-torch-archive.js';
export { readTorchStateDict } from './state-dict.js';
export { isTorchTensor, type TorchTensor, type TorchValue } from './torch-value.js';
