import { Failure } from '@retail-sim/errors';
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { guardWebgpuBackend } from '../kernels/webgpu/guard-webgpu-backend.js';
import { registerWebgpuKernels } from '../kernels/webgpu/register-webgpu-kernels.js';
import type { DeviceKind, OpenBackend } from './device.js';

/** Set to 1, a software implementation of Vulkan counts as an adapter: right, but slower than any CPU device. */
const SOFTWARE_VARIABLE = 'RETAIL_SIM_SOFTWARE_GPU';

/** A GPU of any make through Dawn, the WebGPU implementation of Chromium. */
export const webgpuDevice: DeviceKind = {
  needs: 'a GPU with a Vulkan, Metal or Direct3D 12 driver, and the optional package webgpu',
  remedy: 'install the optional dependencies (`pnpm install`) and a GPU driver, or use --device cpu',
  candidates: [{ title: 'WebGPU', open: openWebgpu }],
};

const dawnModule = z.object({
  create: z.custom<(options: readonly string[]) => object>((value) => typeof value === 'function'),
  globals: z.record(z.string(), z.unknown()),
});

const adapterInfo = z.object({
  vendor: z.string().default(''),
  architecture: z.string().default(''),
  description: z.string().default(''),
  isFallbackAdapter: z.boolean().default(false),
});

const gpuObject = z.object({
  requestAdapter: z.custom<(options?: object) => Promise<object | null>>(
    (value) => typeof value === 'function',
  ),
});

export async function openWebgpu(): Promise<OpenBackend> {
  const gpu = await startDawn();
  const info = await findAdapter(gpu);
  await importOptional('@tensorflow/tfjs-backend-webgpu');
  if (!(await tf.setBackend('webgpu'))) {
    throw new Failure('the tfjs webgpu backend does not start', { remedy: webgpuDevice.remedy });
  }
  guardWebgpuBackend(tf.backend());
  registerWebgpuKernels();
  return { backend: 'webgpu', description: `WebGPU on ${info}`, threads: 1, close: async () => {} };
}

/** The WebGPU entry point, made once: tfjs looks for it and its classes among the globals. */
async function startDawn(): Promise<object> {
  if (dawn === undefined) {
    const { create, globals } = dawnModule.parse(await importOptional('webgpu'));
    Object.assign(globalThis, globals);
    dawn = create([]);
    const navigator: unknown = Reflect.get(globalThis, 'navigator');
    if (typeof navigator === 'object' && navigator !== null) {
      Object.defineProperty(navigator, 'gpu', { value: dawn, configurable: true });
    } else {
      // Node 20 has no navigator.
      Object.defineProperty(globalThis, 'navigator', {
        value: { gpu: dawn, userAgent: `Node.js/${process.versions.node}` },
        configurable: true,
      });
    }
  }
  return dawn;
}

let dawn: object | undefined;

/** Name of the adapter that tfjs will get. */
async function findAdapter(gpu: object): Promise<string> {
  const { requestAdapter } = gpuObject.parse({ requestAdapter: Reflect.get(gpu, 'requestAdapter') });
  const adapter = await requestAdapter.call(gpu, { powerPreference: 'high-performance' });
  if (adapter === null) {
    throw new Failure('WebGPU finds no adapter', { remedy: webgpuDevice.remedy });
  }
  const raw: object = Reflect.get(adapter, 'info') ?? {};
  const info = adapterInfo.parse({
    vendor: Reflect.get(raw, 'vendor'),
    architecture: Reflect.get(raw, 'architecture'),
    description: Reflect.get(raw, 'description'),
    isFallbackAdapter: Reflect.get(raw, 'isFallbackAdapter'),
  });
  const name = [info.vendor, info.architecture, info.description].filter((part) => part !== '').join(' ');
  if (isSoftware(name, info.isFallbackAdapter) && process.env[SOFTWARE_VARIABLE] !== '1') {
    throw new Failure(`the only WebGPU adapter is software (${name})`, { remedy: webgpuDevice.remedy });
  }
  return name;
}

function isSoftware(name: string, isFallback: boolean): boolean {
  return isFallback || /llvmpipe|lavapipe|swiftshader|basic render/i.test(name);
}

async function importOptional(name: string): Promise<unknown> {
  try {
    return await import(name);
  } catch (cause) {
    throw new Failure(
      `the optional package ${name} can't be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
      { remedy: webgpuDevice.remedy, cause },
    );
  }
}
