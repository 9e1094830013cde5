import * as tf from '@tensorflow/tfjs';
import {
  compositionOf,
  type KernelAttributes,
  type KernelInputs,
  plainAttributes,
  requiredInput,
  tensorsOf,
} from '../named-kernel.js';
import { cumulativeSum } from './cumulative-sum.js';
import { dropout } from './dropout.js';
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
  KeyedDropout: dropout,
  SelectiveScan: (inputs, attributes) =>
    fitsScanShader(inputs) ? selectiveScan(inputs) : compositionOf('SelectiveScan')(inputs, attributes),
  SelectiveScanGradient: (inputs, attributes) =>
    fitsScanShader(inputs)
      ? selectiveScanGradient(inputs)
      : compositionOf('SelectiveScanGradient')(inputs, attributes),
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
