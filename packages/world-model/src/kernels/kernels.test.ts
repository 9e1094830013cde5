import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startWasmBackend } from './index.js';
import { loadOnnxruntimeGemm } from './native/onnxruntime-gemm.js';
import { checkGradients } from './oracle/gradient-check.js';
import { OP_CASES } from './oracle/op-cases.js';

// Every op on every backend against float64: all values, and all gradients against central differences.
// float32 rounding of sums over up to a few hundred terms stays below these.
const VALUE_TOLERANCE = 1e-5;
const GRADIENT_TOLERANCE = 5e-5;

interface Backend {
  readonly title: string;
  readonly start: () => Promise<() => Promise<void>>;
}

const backends: readonly Backend[] = [
  {
    title: 'compositions on cpu',
    start: async () => {
      await tf.setBackend('cpu');
      return async () => {};
    },
  },
  ...[1, 2].map((threads) => ({
    title: `own kernels on wasm, ${threads} thread${threads > 1 ? 's' : ''}`,
    start: async () => (await startWasmBackend({ threads })).close,
  })),
  ...nativeBackends(),
  {
    title: 'compositions on wasm',
    start: async () => {
      await tf.setBackend('wasm');
      return async () => {};
    },
  },
];

function nativeBackends(): Backend[] {
  try {
    loadOnnxruntimeGemm(1);
  } catch (error) {
    process.stderr.write(`skipped: native matrix products (${String(error)})\n`);
    return [];
  }
  const start = async () => (await startWasmBackend({ threads: 2, nativeGemm: true })).close;
  return [{ title: 'own kernels on wasm with native matrix products', start }];
}

describe.each(backends)('$title', ({ start }) => {
  let close = async (): Promise<void> => {};
  beforeAll(async () => {
    close = await start();
  });
  afterAll(() => close());

  let tensorsBefore = 0;
  beforeEach(() => {
    tensorsBefore = tf.memory().numTensors;
  });
  afterEach(() => {
    expect(tf.memory().numTensors, 'every tensor of an op is freed').toBe(tensorsBefore);
  });

  it.each(OP_CASES)('$title: values and gradients equal the float64 reference', (opCase) => {
    const { valueError, gradientErrors } = checkGradients(opCase);
    expect(valueError).toBeLessThan(VALUE_TOLERANCE);
    for (const [name, error] of Object.entries(gradientErrors)) {
      expect(error, `gradient of ${name}`).toBeLessThan(GRADIENT_TOLERANCE);
    }
  });
});
