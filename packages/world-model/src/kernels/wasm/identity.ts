import { tensorInput, type WasmKernel } from './kernel-runtime.js';

/**
 * Another tensor with the data of x. The stock kernel copies, and the tape takes the identity of everything that a
 * gradient will need: all activations, and all weights.
 */
export const identity: WasmKernel = ({ heap }, inputs) => [heap.share(tensorInput(inputs, 'x'))];
