import { Failure } from '@retail-sim/errors';
import type { DeviceKind } from './device.js';
import { openWebgpu } from './webgpu.js';

/** Apple's GPU: WebGPU on Metal. */
export const mpsDevice: DeviceKind = {
  needs: 'a Mac with Apple silicon, and the optional package webgpu',
  remedy: 'use --device cpu on machines that are not Macs',
  candidates: [
    {
      title: 'WebGPU on Metal',
      open: async () => {
        if (process.platform !== 'darwin') {
          throw new Failure(`this machine runs ${process.platform}, not macOS`, {
            remedy: 'use --device cpu',
          });
        }
        return openWebgpu();
      },
    },
  ],
};
