import type * as tf from '@tensorflow/tfjs';
import { defineKernel, firstOutput, requiredInput, savedTensor } from './named-kernel.js';

/** `max(x, 0) + ln(1 + exp(-|x|))` (spec section 5, 0.4). Any shape. */
export function softplus(x: tf.Tensor): tf.Tensor {
  return firstOutput(runSoftplus({ x }));
}

const runSoftplus = defineKernel({
  name: 'StableSoftplus',
  compose: (inputs) => {
    const x = requiredInput(inputs, 'x');
    return [x.relu().add(x.abs().neg().exp().log1p())];
  },
  gradient: {
    inputsToSave: ['x'],
    backward: (dy, saved) => ({
      x: () => firstOutput(runSoftplusGradient({ dy, x: savedTensor(saved, 0) })),
    }),
  },
});

const runSoftplusGradient = defineKernel({
  name: 'StableSoftplusGradient',
  compose: (inputs) => [requiredInput(inputs, 'dy').mul(requiredInput(inputs, 'x').sigmoid())],
});
