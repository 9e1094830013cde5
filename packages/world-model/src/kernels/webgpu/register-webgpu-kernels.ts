import * as tf from '@tensorflow/tfjs';
import {
  compositionOf,
  type KernelAttributes,
  type KernelInputs,
  plainAttributes,
  requiredInput,
  tensorsOf,
} from '../named-kernel.js';
import { adamWStep } from './adamw.js';
import { cumulativeSum } from './cumulative-sum.js';
import { dropout } from './dropout.js';
import { elementwise } from './elementwise.js';
import { layerNorm, layerNormGradient } from './layer-normalization.js';
import { fitsScanShader, selectiveScan, selectiveScanGradient } from './selective-scan.js';

const BACKEND = 'webgpu';

type WebgpuKernel = (inputs: KernelInputs, attributes: KernelAttributes) => tf.Tensor[];

/** Own shaders, and what tfjs 4.22 computes wrongly on this backend. */
const WEBGPU_KERNELS: Readonly<Record<string, WebgpuKernel>> = {
  [tf.Cumsum]: (inputs, { axis, exclusive, reverse }) => [
    cumulativeSum(requiredInput(inputs, 'x'), Number(axis ?? 0), {
      exclusive: exclusive === true,
      reverse: reverse === true,
    }),
  ],
  AdamWStep: adamWStep,
  GeluErf: elementwise(['x'], 'x * cumulative(x)'),
  GeluErfGradient: elementwise(['dy', 'x'], 'dy * geluDerivative(x)'),
  KeyedDropout: dropout,
  LayerNormalization: layerNorm,
  LayerNormalizationGradient: layerNormGradient,
  SelectiveScan: (inputs, attributes) =>
    fitsScanShader(inputs) ? selectiveScan(inputs) : compositionOf('SelectiveScan')(inputs, attributes),
  SelectiveScanGradient: (inputs, attributes) =>
    fitsScanShader(inputs)
      ? selectiveScanGradient(inputs)
      : compositionOf('SelectiveScanGradient')(inputs, attributes),
  Silu: elementwise(['x'], 'silu(x)'),
  SiluGate: elementwise(['y', 'z'], 'y * silu(z)'),
  SiluGateGradient: elementwise(['dy', 'y', 'z'], 'dy * silu(z)', 'dy * y * siluDerivative(z)'),
  SiluGradient: elementwise(['dy', 'x'], 'dy * siluDerivative(x)'),
  StableSoftplus: elementwise(['x'], 'softplus(x)'),
  StableSoftplusGradient: elementwise(['dy', 'x'], 'dy * sigmoid(x)'),
};

export function registerWebgpuKernels(): void {
  for (const [kernelName, kernel] of Object.entries(WEBGPU_KERNELS)) {
    if (tf.getKernel(kernelName, BACKEND) != null) tf.unregisterKernel(kernelName, BACKEND);
    tf.registerKernel({
      kernelName,
      backendName: BACKEND,
      kernelFunc: ({ inputs, attrs }) => {
        const outputs = tf.tidy(() => kernel(tensorsOf(inputs), plainAttributes(attrs)));
        const [only] = outputs;
        return outputs.length === 1 && only !== undefined ? only : outputs;
      },
    });
  }
}
