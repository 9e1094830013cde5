import type * as tf from '@tensorflow/tfjs';
import { defineKernel, firstOutput, gradientsByName, requiredInput, savedTensor } from './named-kernel.js';

/** SiLU, `x sigmoid(x)`. Any shape. */
export function silu(x: tf.Tensor): tf.Tensor {
  return firstOutput(runSilu({ x }));
}

/** `y * SiLU(z)`, the gate of a Mamba block, in one pass; y and z of the same shape. */
export function siluGate(y: tf.Tensor, z: tf.Tensor): tf.Tensor {
  return firstOutput(runSiluGate({ y, z }));
}

const runSilu = defineKernel({
  name: 'Silu',
  compose: (inputs) => {
    const x = requiredInput(inputs, 'x');
    return [x.mul(x.sigmoid())];
  },
  gradient: {
    inputsToSave: ['x'],
    backward: (dy, saved) => ({ x: () => firstOutput(runSiluGradient({ dy, x: savedTensor(saved, 0) })) }),
  },
});

const runSiluGradient = defineKernel({
  name: 'SiluGradient',
  compose: (inputs) => [requiredInput(inputs, 'dy').mul(siluDerivative(requiredInput(inputs, 'x')))],
});

const runSiluGate = defineKernel({
  name: 'SiluGate',
  compose: (inputs) => {
    const z = requiredInput(inputs, 'z');
    return [requiredInput(inputs, 'y').mul(z.mul(z.sigmoid()))];
  },
  gradient: {
    inputsToSave: ['y', 'z'],
    backward: (dy, saved) => {
      const outputs = runSiluGateGradient({ dy, y: savedTensor(saved, 0), z: savedTensor(saved, 1) });
      return gradientsByName(['y', 'z'], outputs);
    },
  },
});

const runSiluGateGradient = defineKernel({
  name: 'SiluGateGradient',
  compose: (inputs) => {
    const dy = requiredInput(inputs, 'dy');
    const z = requiredInput(inputs, 'z');
    return [dy.mul(z.mul(z.sigmoid())), dy.mul(requiredInput(inputs, 'y')).mul(siluDerivative(z))];
  },
});

/** s (1 + x (1 - s)), s = sigmoid(x). */
function siluDerivative(x: tf.Tensor): tf.Tensor {
  const s = x.sigmoid();
  return s.mul(x.mul(s.mul(-1).add(1)).add(1));
}
