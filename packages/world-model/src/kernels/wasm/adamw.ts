import { sizeOf } from '../shapes.js';
import { tensorInput, type WasmKernel } from './kernel-runtime.js';

const GRAIN = 32_768;
/** Elements per partial sum of squares; fixed, so that the sum doesn't depend on the threads. */
const BLOCK_LENGTH = 65_536;

/** Changes the parameter and its moments where they lie; there is no output. */
export const adamWStep: WasmKernel = ({ heap, run }, inputs, attributes) => {
  const tensors = ['parameter', 'gradient', 'firstMoment', 'secondMoment'].map((name) =>
    tensorInput(inputs, name),
  );
  const { keep, stepSize, secondMomentScale, beta1, beta2, epsilon, gradientScale } = attributes;
  const factors = [
    keep,
    stepSize,
    secondMomentScale,
    beta1,
    beta2,
    1 - Number(beta1),
    1 - Number(beta2),
    epsilon,
    gradientScale,
  ];
  run('adamW', [...tensors.map(heap.addressOf), ...factors.map(Number)], {
    items: sizeOf(tensorInput(inputs, 'parameter').shape),
    grain: GRAIN,
  });
  return [];
};

export const sumOfSquares: WasmKernel = ({ heap, run, workspace }, inputs) => {
  const x = tensorInput(inputs, 'x');
  const count = sizeOf(x.shape);
  const blocks = Math.ceil(count / BLOCK_LENGTH);
  const parts = Math.ceil(workspace(blocks * 8 + 8) / 8) * 8;
  run('sumOfSquares', [heap.addressOf(x), parts, count, BLOCK_LENGTH], { items: blocks });
  const sum = new Float64Array(heap.memory.buffer, parts, blocks).reduce((total, part) => total + part, 0);
  const { info, address } = heap.output([]);
  new Float32Array(heap.memory.buffer, address, 1)[0] = sum;
  return [info];
};
