import { Failure, InputError } from '@retail-sim/errors';
import { z } from 'zod';

type Read = (dataId: object) => Promise<unknown>;
type AcquireBuffer = (size: number, ...rest: readonly unknown[]) => unknown;

const isFunction = (value: unknown) => typeof value === 'function';
const limits = z.object({ maxStorageBufferBindingSize: z.number(), maxBufferSize: z.number() });
const addListener = z.custom<(type: string, listener: (event: object) => void) => void>(isFunction);
const lostPromise = z.custom<Promise<object>>((value) => value instanceof Promise);

/**
 * tfjs lets two things pass: a buffer above the adapter's limits, and an error that the adapter reports as an event.
 * Both leave zeros behind. From here on the first is an error where the tensor is made, the second where data is read.
 */
export function guardWebgpuBackend(backend: object): void {
  if (guarded.has(backend)) return;
  guarded.add(backend);
  const device: object = Object(Reflect.get(backend, 'device'));
  let failure: string | undefined;
  addListener.parse(Reflect.get(device, 'addEventListener')).call(device, 'uncapturederror', (event) => {
    failure ??= messageOf(Reflect.get(event, 'error'));
  });
  void lostPromise.parse(Reflect.get(device, 'lost')).then((info) => {
    failure ??= `the device was lost: ${messageOf(info)}`;
  });

  const read = z.custom<Read>(isFunction).parse(Reflect.get(backend, 'read'));
  Reflect.set(backend, 'read', async (dataId: object) => {
    const values = await read.call(backend, dataId);
    if (failure !== undefined) {
      throw new Failure(`WebGPU reported an error, its results can't be trusted: ${failure}`, {
        remedy: 'use a smaller batch or another device; the process must be started again',
      });
    }
    return values;
  });

  const buffers: object = Object(Reflect.get(backend, 'bufferManager'));
  const acquire = z.custom<AcquireBuffer>(isFunction).parse(Reflect.get(buffers, 'acquireBuffer'));
  const rawLimits: object = Object(Reflect.get(device, 'limits'));
  const { maxStorageBufferBindingSize, maxBufferSize } = limits.parse({
    maxStorageBufferBindingSize: Reflect.get(rawLimits, 'maxStorageBufferBindingSize'),
    maxBufferSize: Reflect.get(rawLimits, 'maxBufferSize'),
  });
  const largest = Math.min(maxStorageBufferBindingSize, maxBufferSize);
  Reflect.set(buffers, 'acquireBuffer', (size: number, ...rest: readonly unknown[]) => {
    if (size > largest) {
      throw new InputError({
        what: `out of memory: a tensor of ${size} bytes is larger than this GPU's buffers may be (${largest})`,
        remedy: 'use a smaller batch, gradient checkpointing or another device',
      });
    }
    return acquire.call(buffers, size, ...rest);
  });
}

const guarded = new WeakSet<object>();

function messageOf(error: unknown): string {
  const message: unknown =
    typeof error === 'object' && error !== null ? Reflect.get(error, 'message') : error;
  return String(message);
}
