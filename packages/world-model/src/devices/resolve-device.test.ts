import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@retail-sim/errors';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DeviceChoice } from './device-list.js';
import { RUNTIME_MANIFEST, RUNTIMES_VARIABLE } from './native-runtime.js';
import { type Device, resolveDevice, tryCandidate } from './resolve-device.js';

let device: Device | undefined;
let runtimes = '';
const runtimesBefore = process.env[RUNTIMES_VARIABLE];

beforeEach(() => {
  runtimes = mkdtempSync(join(tmpdir(), 'runtimes-'));
  process.env[RUNTIMES_VARIABLE] = runtimes;
});

afterEach(async () => {
  await device?.close();
  device = undefined;
  rmSync(runtimes, { recursive: true });
  if (runtimesBefore === undefined) delete process.env[RUNTIMES_VARIABLE];
  else process.env[RUNTIMES_VARIABLE] = runtimesBefore;
});

/** A runtime as it is after set-up, with this text as its package's code. */
function installRuntime(kind: 'cpu' | 'cuda', code: string, manifest: object = {}): void {
  const modulePath = 'node_modules/@tensorflow/tfjs-node';
  const folder = join(runtimes, kind, modulePath);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.js'), code);
  const content = {
    formatVersion: 1,
    kind,
    package: '@tensorflow/tfjs-node',
    packageVersion: '4.22.0',
    tensorflowVersion: '0.0.0',
    modulePath,
    ...manifest,
  };
  writeFileSync(join(runtimes, kind, RUNTIME_MANIFEST), JSON.stringify(content));
}

async function failureOf(choice: DeviceChoice): Promise<InputError> {
  const error: unknown = await resolveDevice(choice).then(
    (opened) => {
      device = opened;
      return undefined;
    },
    (reason: unknown) => reason,
  );
  if (!(error instanceof InputError)) throw new Error(`expected an InputError, got ${String(error)}`);
  return error;
}

describe('resolveDevice', () => {
  test('wasm always works, over the threads that are asked for', async () => {
    device = await resolveDevice('wasm', { threads: 2 });
    expect(device).toMatchObject({ name: 'wasm', backend: 'wasm', threads: 2, passedOver: [] });
    expect(device.description).toMatch(/^WebAssembly (relaxed )?SIMD, 2 threads$/);
    expect(tf.getBackend()).toBe('wasm');
  });

  test('auto goes on to what works, and says what did not', async () => {
    device = await resolveDevice('auto');
    expect(device.name).toBe('cpu');
    expect(device.passedOver.slice(0, 2)).toMatchObject([
      { device: 'cuda', candidate: 'TensorFlow on CUDA', reason: expect.stringContaining('is not set up') },
      { device: 'cpu', candidate: 'TensorFlow', reason: expect.stringContaining('is not set up') },
    ]);
  });

  test('a device that is named and missing is an error with the remedy, not another device', async () => {
    const error = await failureOf('cuda');
    expect(error.message).toMatch(/^device 'cuda' can't be had: TensorFlow on CUDA: .*cuda is not set up$/);
    expect(error.remedy).toContain('pnpm retail-setup cuda');
  });

  test.runIf(process.platform !== 'darwin')('mps needs a Mac', async () => {
    expect((await failureOf('mps')).message).toContain('not macOS');
  });

  test('an unknown device lists those that exist', async () => {
    const choice: string = 'tpu';
    const error = await failureOf(choice as DeviceChoice);
    expect(error.message).toBe("there is no device 'tpu'");
    expect(error.remedy).toBe('choose one of auto, cpu, wasm, cuda, webgpu, mps');
  });

  test('a wrong number of threads is refused', async () => {
    await expect(resolveDevice('wasm', { threads: 1.5 })).rejects.toThrow('threads is 1.5');
  });
});

describe('a native runtime', () => {
  test('that does not load is passed over, with the reason', async () => {
    installRuntime('cpu', "throw new Error('libtensorflow.so.2: cannot open shared object file');");
    device = await resolveDevice('cpu');
    expect(device.backend).toBe('wasm');
    expect(device.passedOver[0]?.reason).toMatch(/doesn't load: libtensorflow.so.2: cannot open/);
  });

  test('that loads and registers no backend is passed over', async () => {
    installRuntime('cpu', '');
    device = await resolveDevice('cpu');
    expect(device.passedOver[0]?.reason).toMatch(/registered no working 'tensorflow' backend/);
  });

  test('whose set-up was not finished is passed over', async () => {
    mkdirSync(join(runtimes, 'cpu'));
    device = await resolveDevice('cpu');
    expect(device.passedOver[0]?.reason).toMatch(/holds a set-up that was not finished/);
  });

  test.each([
    ['of another kind', { kind: 'cuda' }],
    ['that leads outside its folder', { modulePath: '../elsewhere' }],
    ['of a later format', { formatVersion: 2 }],
  ])('with a manifest %s is passed over', async (_, manifest) => {
    installRuntime('cpu', '', manifest);
    device = await resolveDevice('cpu');
    expect(device.passedOver[0]?.reason).toMatch(/is not a manifest of a 'cpu' runtime/);
  });
});

test('a candidate that opens but computes wrongly is closed again and refused', async () => {
  await tf.setBackend('cpu');
  const relu = tf.getKernel(tf.Relu, 'cpu');
  let closed = false;
  const attempt = await tryCandidate(
    {
      title: 'wrong',
      open: async () => {
        tf.unregisterKernel(tf.Relu, 'cpu');
        tf.registerKernel({ ...relu, kernelFunc: tf.getKernel(tf.Abs, 'cpu').kernelFunc });
        const close = async () => {
          tf.unregisterKernel(tf.Relu, 'cpu');
          tf.registerKernel(relu);
          closed = true;
        };
        return { backend: 'cpu', description: 'wrong', threads: 1, close };
      },
    },
    { threads: 1 },
  );
  expect(attempt).toEqual({ reason: expect.stringMatching(/^self-test: loss is/) });
  expect(closed).toBe(true);
});
