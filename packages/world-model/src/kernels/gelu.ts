import * as tf from '@tensorflow/tfjs';
import { defineKernel, firstOutput, requiredInput, savedTensor } from './named-kernel.js';

/** Exact GELU, `x/2 (1 + erf(x / sqrt 2))`, never the tanh form (spec section 5, 0.4). Any shape. */
export function gelu(x: tf.Tensor): tf.Tensor {
  return firstOutput(runGelu({ x }));
}

const runGelu = defineKernel({
  name: 'GeluErf',
  compose: (inputs) => {
    const x = requiredInput(inputs, 'x');
    return [x.mul(normalCumulative(x))];
  },
  gradient: {
    inputsToSave: ['x'],
    backward: (dy, saved) => ({ x: () => firstOutput(runGeluGradient({ dy, x: savedTensor(saved, 0) })) }),
  },
});

const runGeluGradient = defineKernel({
  name: 'GeluErfGradient',
  compose: (inputs) => {
    const x = requiredInput(inputs, 'x');
    const density = x.square().mul(-0.5).exp().mul(INVERSE_SQRT_TWO_PI);
    return [requiredInput(inputs, 'dy').mul(normalCumulative(x).add(x.mul(density)))];
  },
});

const INVERSE_SQRT_TWO_PI = 1 / Math.sqrt(2 * Math.PI);

function normalCumulative(x: tf.Tensor): tf.Tensor {
  return tf.erf(x.mul(Math.SQRT1_2)).add(1).mul(0.5);
}
