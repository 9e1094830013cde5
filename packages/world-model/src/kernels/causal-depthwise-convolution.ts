import * as tf from '@tensorflow/tfjs';
import { columnSums } from './column-sums.js';
import { defineKernel, firstOutput, gradientsByName, requiredInput, savedTensor } from './named-kernel.js';
import { axisLength, expectShape } from './shapes.js';

/**
 * Causal convolution of each channel on its own (spec section 5, 2.4):
 * `y[b,t,e] = bias[e] + sum_j weight[e,0,j] x[b, t-(K-1)+j, e]`, zeros before t = 0; the last tap meets the current step.
 * x `[B, L, E]`, weight `[E, 1, K]` (the layout of a framework's depthwise Conv1d), bias `[E]` -> `[B, L, E]`.
 */
export function causalDepthwiseConvolution(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  expectShape('causalDepthwiseConvolution', 'x', x, ['any', 'any', 'any']);
  const channels = axisLength(x, -1);
  expectShape('causalDepthwiseConvolution', 'weight', weight, [channels, 1, 'any']);
  expectShape('causalDepthwiseConvolution', 'bias', bias, [channels]);
  return firstOutput(runConvolution({ x, weight, bias }));
}

const runConvolution = defineKernel({
  name: 'CausalDepthwiseConvolution',
  compose: (inputs) => {
    const x = requiredInput(inputs, 'x');
    const taps = tapRows(requiredInput(inputs, 'weight')); // K x [E]
    const terms = taps.map((tap, j) => delayed(x, taps.length - 1 - j).mul(tap));
    return [tf.addN(terms).add(requiredInput(inputs, 'bias'))];
  },
  gradient: {
    inputsToSave: ['x', 'weight'],
    backward: (dy, saved) =>
      gradientsByName(
        ['x', 'weight', 'bias'],
        runConvolutionGradient({ dy, x: savedTensor(saved, 0), weight: savedTensor(saved, 1) }),
      ),
  },
});

const runConvolutionGradient = defineKernel({
  name: 'CausalDepthwiseConvolutionGradient',
  compose: (inputs) => {
    const dy = requiredInput(inputs, 'dy');
    const x = requiredInput(inputs, 'x');
    const weight = requiredInput(inputs, 'weight');
    const taps = tapRows(weight);
    const dx = tf.addN(taps.map((tap, j) => advanced(dy, taps.length - 1 - j).mul(tap)));
    const dTaps = taps.map((_, j) => columnSums(dy.mul(delayed(x, taps.length - 1 - j)))); // K x [E]
    return [dx, tf.stack(dTaps, 1).reshape(weight.shape), columnSums(dy)];
  },
});

/** weight [E, 1, K] as K rows [E]. */
function tapRows(weight: tf.Tensor): tf.Tensor[] {
  const channels = axisLength(weight, 0);
  return tf.unstack(weight.reshape([channels, axisLength(weight, 2)]), 1);
}

/** x shifted to later steps by `steps`, zeros in front: out[t] = x[t - steps]. */
function delayed(x: tf.Tensor, steps: number): tf.Tensor {
  if (steps === 0) return x;
  const length = axisLength(x, 1);
  const kept = Math.max(length - steps, 0);
  return tf.pad(tf.slice(x, [0, 0, 0], [axisLength(x, 0), kept, axisLength(x, 2)]), [
    [0, 0],
    [length - kept, 0],
    [0, 0],
  ]);
}

/** x shifted to earlier steps by `steps`, zeros behind: out[t] = x[t + steps]. */
function advanced(x: tf.Tensor, steps: number): tf.Tensor {
  if (steps === 0) return x;
  const length = axisLength(x, 1);
  const kept = Math.max(length - steps, 0);
  return tf.pad(tf.slice(x, [0, length - kept, 0], [axisLength(x, 0), kept, axisLength(x, 2)]), [
    [0, 0],
    [0, length - kept],
    [0, 0],
  ]);
}
