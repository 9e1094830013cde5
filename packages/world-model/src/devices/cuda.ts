import { Failure } from '@retail-sim/errors';
import type { DeviceKind } from './device.js';
import { openNativeRuntime } from './native-runtime.js';

/** An NVIDIA GPU through TensorFlow. */
export const cudaDevice: DeviceKind = {
  needs: 'an NVIDIA GPU with its driver, and the native runtime of kind cuda',
  remedy: 'run `pnpm retail-setup cuda` on a machine with an NVIDIA GPU, or use --device cpu',
  candidates: [
    {
      title: 'TensorFlow on CUDA',
      open: async (options) => {
        const runtime = await openNativeRuntime('cuda', options);
        if (!runtime.usesGpu) {
          throw new Failure('TensorFlow found no GPU that it can use', {
            remedy: 'check the driver with nvidia-smi',
          });
        }
        return { ...runtime, description: `${runtime.description} on an NVIDIA GPU` };
      },
    },
  ],
};
