import { sizeOf } from '../shapes.js';
import type { KernelName } from './kernel-module.js';
import { tensorInput, type WasmKernel } from './kernel-runtime.js';

/** Elements that a thread takes at once; a multiple of 4, so that whole vectors stay whole. */
const GRAIN = 16_384;

/** A kernel over equally shaped inputs, whose outputs have the same shape. */
export function elementwise(kernel: KernelName, inputNames: readonly string[], outputCount = 1): WasmKernel {
  return ({ heap, run }, inputs) => {
    const tensors = inputNames.map((name) => tensorInput(inputs, name));
    const shape = tensorInput(inputs, inputNames[0] ?? '').shape;
    const outputs = Array.from({ length: outputCount }, () => heap.output(shape));
    const addresses = [...tensors.map(heap.addressOf), ...outputs.map(({ address }) => address)];
    run(kernel, addresses, { items: sizeOf(shape), grain: GRAIN });
    return outputs.map(({ info }) => info);
  };
}

export const dropout: WasmKernel = ({ heap, run }, inputs, { rate, seed }) => {
  const x = tensorInput(inputs, 'x');
  const { info, address } = heap.output(x.shape);
  const { threshold, scale } = dropoutConstants(Number(rate));
  run('dropout', [heap.addressOf(x), address, Number(seed), threshold, scale, 0], {
    items: sizeOf(x.shape),
    grain: GRAIN,
  });
  return [info];
};

/** counterUniform < rate exactly where its 32 bits are below this threshold. */
export function dropoutConstants(rate: number): { threshold: number; scale: number } {
  return { threshold: Math.ceil(rate * 2 ** 32), scale: 1 / (1 - rate) };
}
