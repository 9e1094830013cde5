import type * as tf from '@tensorflow/tfjs';
import { defineKernel, firstOutput, requiredInput } from './named-kernel.js';
import { axisLength, rowCount } from './shapes.js';

/** Sum over all rows: `[..., C] -> [C]`; the gradient of a bias. Not differentiable. */
export function columnSums(x: tf.Tensor): tf.Tensor {
  return firstOutput(runColumnSums({ x }));
}

const runColumnSums = defineKernel({
  name: 'ColumnSums',
  compose: (inputs) => {
    const x = requiredInput(inputs, 'x');
    return [x.reshape([rowCount(x), axisLength(x, -1)]).sum(0)];
  },
});
