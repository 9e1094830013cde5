import * as tf from '@tensorflow/tfjs';
import { cumulativeSum } from './cumulative-sum.js';

/** Replaces what tfjs 4.22 computes wrongly on this backend. */
export function registerWebgpuKernels(): void {
  const backendName = 'webgpu';
  if (tf.getKernel(tf.Cumsum, backendName) != null) tf.unregisterKernel(tf.Cumsum, backendName);
  tf.registerKernel({
    kernelName: tf.Cumsum,
    backendName,
    kernelFunc: ({ inputs, attrs }) => {
      const { x } = inputs;
      if (!(x instanceof tf.Tensor)) throw new Error('Cumsum has no input x');
      const axis = Number(attrs?.axis ?? 0);
      return tf.tidy(() =>
        cumulativeSum(x, axis, { exclusive: attrs?.exclusive === true, reverse: attrs?.reverse === true }),
      );
    },
  });
}
