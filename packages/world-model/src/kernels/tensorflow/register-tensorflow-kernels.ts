import * as tf from '@tensorflow/tfjs';
import type { TensorflowKernel } from './kernel.js';
import { LIBRARY_KERNELS } from './library-kernels.js';
import { linear, linearInputGradient, linearWeightGradient, matrixMultiply } from './matrix-multiply.js';
import type { OpLibrary } from './op-library.js';
import { segmentSum } from './segment-sum.js';
import { tensorflowOps } from './tensorflow-backend.js';

const BACKEND = 'tensorflow';

/** Kernels of TensorFlow's own ops, on any of its devices. */
const STOCK_KERNELS: Readonly<Record<string, TensorflowKernel>> = {
  Linear: linear,
  LinearInputGradient: linearInputGradient,
  LinearWeightGradient: linearWeightGradient,
  MatrixMultiply: matrixMultiply,
  SegmentSum: segmentSum,
};

/**
 * Gives the current backend, TensorFlow, the package's kernels; those of the op library only where it is loaded (it
 * computes on the CPU). Returns what takes them out again.
 */
export function registerTensorflowKernels(library: OpLibrary | undefined): () => void {
  const kernels = library === undefined ? STOCK_KERNELS : { ...STOCK_KERNELS, ...LIBRARY_KERNELS };
  const run = tensorflowOps();
  for (const [kernelName, kernel] of Object.entries(kernels)) {
    // A composition may have been registered by an earlier use of the op.
    if (tf.getKernel(kernelName, BACKEND) != null) tf.unregisterKernel(kernelName, BACKEND);
    tf.registerKernel({
      kernelName,
      backendName: BACKEND,
      kernelFunc: ({ inputs, attrs }) => {
        const tensors: Record<string, tf.TensorInfo> = {};
        for (const [name, tensor] of Object.entries(inputs)) if (tensor !== undefined) tensors[name] = tensor;
        return kernel(run, tensors, { ...attrs });
      },
    });
  }
  return () => {
    for (const kernelName of Object.keys(kernels)) tf.unregisterKernel(kernelName, BACKEND);
  };
}
