import { spawnSync } from 'node:child_process';
import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, it } from 'vitest';
import {
  embeddingLookup,
  globalNorm,
  layerNorm,
  linear,
  scaledDotProductAttention,
  selectiveScan,
  startWasmBackend,
  targetLogProbability,
  type WasmBackend,
} from '../index.js';
import { sampleTensor } from '../oracle/gradient-check.js';
import { openTensorHeap } from './heap.js';

let running: WasmBackend | undefined;

async function start(threads: number): Promise<WasmBackend> {
  running = await startWasmBackend({ threads });
  return running;
}

afterEach(async () => {
  await running?.close();
  running = undefined;
});

function sample(name: string, shape: readonly number[], scale = 1, base = 0): tf.Tensor {
  return tf.tensor(Float32Array.from(sampleTensor(name, shape, scale, base).values), [...shape]);
}

/** Values and gradients of ops whose work is split over threads, at sizes that really are split. */
function computeAll(): Float32Array[] {
  return tf.tidy(() => {
    const x = sample('x', [3, 40, 96]);
    const weight = sample('weight', [200, 96]);
    const scan = ['b', 'c'].map((name) => sample(name, [3, 40, 12]));
    const f = (...tensors: tf.Tensor[]): tf.Tensor => {
      const [input, matrix, b, c] = tensors;
      if (input === undefined || matrix === undefined || b === undefined || c === undefined)
        throw new Error('inputs');
      const wide = linear(input, matrix); // [3, 40, 200]
      const attended = scaledDotProductAttention(wide, wide, wide, {
        heads: 4,
        causal: true,
        dropout: { rate: 0.1, seed: 7 },
      });
      const scanned = selectiveScan({
        x: input,
        dt: tf.fill(input.shape, 0.1),
        aLog: tf.fill([96, 12], 0.3),
        b,
        c,
        d: tf.ones([96]),
      });
      const normalized = layerNorm(attended, tf.ones([200]), tf.zeros([200]));
      return tf.concat([normalized, scanned], 2).sum();
    };
    const inputs = [x, weight, ...scan];
    const gradients = tf.grads(f)(inputs);
    return [f(...inputs), ...gradients].map((tensor) => Float32Array.from(tensor.dataSync()));
  });
}

describe('startWasmBackend', () => {
  it('gives the same bytes for every number of threads', async () => {
    await start(1);
    const expected = computeAll();
    for (const threads of [2, 3]) {
      await running?.close();
      await start(threads);
      expect(computeAll()).toEqual(expected);
    }
  });

  it('stays right when the heap grows under the kernels', async () => {
    await start(2);
    const small = sample('small', [64, 64]);
    const before = await globalNorm([small]);
    const large = Array.from({ length: 12 }, () => tf.zeros([1024, 1024])); // 48 MiB
    expect(await globalNorm([small])).toBe(before);
    expect(await globalNorm(large)).toBe(0);
    tf.dispose([small, large]);
  });

  it('reports memory that runs out instead of writing to address 0', async () => {
    await start(1);
    const column = tf.zeros([40_000, 1]);
    expect(() => linear(column, column), 'more than one allocation can hold').toThrow(
      /out of memory: 6400000000 bytes/,
    );
    const heap = openTensorHeap(tf.backend());
    const addresses = [heap.allocate(1.5e9), heap.allocate(1.5e9)];
    expect(() => heap.allocate(1.5e9), 'more than is left').toThrow(/out of memory: 1500000000 bytes/);
    addresses.forEach(heap.free);
    column.dispose();
  });

  it('refuses ids outside the table', async () => {
    await start(1);
    tf.tidy(() => {
      const table = tf.zeros([5, 3]);
      expect(() => embeddingLookup(table, tf.tensor([1, 5], [2], 'int32'))).toThrow(
        'embeddingLookup: id 5 at element 1 is outside 0..4',
      );
      expect(() => targetLogProbability(table, tf.tensor([0, 0, -1, 0, 0], [5], 'int32'))).toThrow(
        /id -1 at element 2/,
      );
    });
  });

  it('refuses wrong shapes with the expected ones', async () => {
    await start(1);
    tf.tidy(() => {
      expect(() => linear(tf.zeros([2, 3]), tf.zeros([4, 5]))).toThrow(
        'weight has shape [4, 5], expected [any, 3]',
      );
    });
  });

  it('refuses a wrong number of threads', async () => {
    await expect(startWasmBackend({ threads: 0 })).rejects.toThrow('threads is 0');
  });

  it('lets the process end while worker threads sleep', () => {
    const script = `
      import { startWasmBackend } from ${JSON.stringify(new URL('../../../dist/kernels/index.js', import.meta.url).href)};
      await startWasmBackend({ threads: 3 });
      process.stdout.write('started');
    `;
    const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect(stdout).toBe('started');
    expect(status).toBe(0);
  });
});
