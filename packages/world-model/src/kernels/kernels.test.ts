import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { devicesUnderTest } from '../golden/devices-under-test.js';
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

/** The ops as compositions of stock tfjs ops, which every other backend falls back to. */
const compositions = (backend: string): Backend => ({
  title: `compositions on ${backend}`,
  start: async () => {
    await tf.setBackend(backend);
    return async () => {};
  },
});

const backends: readonly Backend[] = [
  compositions('cpu'),
  ...(await devicesUnderTest()).map(({ title, candidate }) => ({
    title,
    start: async () => (await candidate.open({ threads: 2 })).close,
  })),
  // Last, when the own kernels have been taken out again.
  compositions('wasm'),
];

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

  it.each(OP_CASES)('$title: values and gradients equal the float64 reference', async (opCase) => {
    const { valueError, gradientErrors } = await checkGradients(opCase);
    expect(valueError).toBeLessThan(VALUE_TOLERANCE);
    for (const [name, error] of Object.entries(gradientErrors)) {
      expect(error, `gradient of ${name}`).toBeLessThan(GRADIENT_TOLERANCE);
    }
  });
});
