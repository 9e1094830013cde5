import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { fetchVariables } from '../../devices/fetch-variables.js';
import { openWebgpu } from '../../devices/webgpu.js';
import { cumulativeSum } from './cumulative-sum.js';

const hasAdapter = await openWebgpu().then(
  () => true,
  (error: unknown) => {
    process.stderr.write(`skipped webgpu: ${error instanceof Error ? error.message : String(error)}\n`);
    return false;
  },
);

describe.each([true, false])('cumulativeSum, exclusive %s', (exclusive) => {
  it.each([true, false])('reverse %s, equals the sums of plain JavaScript on every axis', async (reverse) => {
    await tf.setBackend('cpu');
    tf.tidy(() => {
      for (const shape of [[1], [7], [3, 4], [2, 5, 3]]) {
        const x = tf.range(1, tf.util.sizeFromShape(shape) + 1).reshape(shape);
        for (const axis of shape.keys()) {
          const sums = cumulativeSum(x, axis, { exclusive, reverse });
          expect([...sums.dataSync()]).toEqual([...tf.cumsum(x, axis, exclusive, reverse).dataSync()]);
        }
      }
    });
  });
});

describe.runIf(hasAdapter)('webgpu', () => {
  beforeAll(async () => {
    await openWebgpu();
  });

  test('cumsum is right for one length after another', async () => {
    for (const length of [3, 8, 5]) {
      const sums = tf.tidy(() => tf.cumsum(tf.ones([2, length]), 1));
      const row = Array.from({ length }, (_, i) => i + 1);
      expect([...(await sums.data())]).toEqual([...row, ...row]);
      sums.dispose();
    }
  });

  test('a tensor above the limits of the GPU is an error, not zeros', async () => {
    const limits: object = Object(Reflect.get(Object(Reflect.get(tf.backend(), 'device')), 'limits'));
    const largest = Number(Reflect.get(limits, 'maxStorageBufferBindingSize'));
    const elements = Math.floor(largest / 4) + 1;
    const column = tf.ones([Math.ceil(elements / 4096), 1]);
    const row = tf.ones([1, 4096]);
    expect(() => tf.tidy(() => tf.matMul(column, row))).toThrow(
      /out of memory: a tensor of \d+ bytes is larger/,
    );
    tf.dispose([column, row]);
  });

  test('variables can be read synchronously once they were fetched, until they are assigned anew', async () => {
    const variable = tf.tidy(() => tf.variable(tf.ones([2000]).add(1)));
    await fetchVariables();
    expect(variable.dataSync()[1999]).toBe(2);
    tf.tidy(() => variable.assign(variable.add(1)));
    await fetchVariables();
    expect(variable.dataSync()[1999]).toBe(3);
    variable.dispose();
  });

  // Last: from here on the backend refuses to be read.
  test('an error that the GPU reports on its own time is thrown where data is read', async () => {
    const device: object = Object(Reflect.get(tf.backend(), 'device'));
    const createBuffer: unknown = Reflect.get(device, 'createBuffer');
    if (typeof createBuffer !== 'function') throw new Error('the device has no createBuffer');
    createBuffer.call(device, { size: 16, usage: 0 }); // no usage at all: a validation error
    const x = tf.tidy(() => tf.add(tf.ones([2000]), tf.ones([2000])));
    await expect(x.data()).rejects.toThrow(
      /WebGPU reported an error, its results can't be trusted: .*usage/i,
    );
    x.dispose();
  });
});
