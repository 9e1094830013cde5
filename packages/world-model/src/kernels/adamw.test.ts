import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AdamWSlot, adamWStep, clippingFactor, globalNorm, startWasmBackend } from './index.js';
import { sampleTensor } from './oracle/gradient-check.js';

const LEARNING_RATE = 1e-2;
const WEIGHT_DECAY = 0.1;
const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;
const SCALE = 0.5;

/** The update of spec section 5, 7.2 in float64, on one element. */
function referenceSteps(start: number, gradients: readonly number[]): { w: number; m: number; v: number } {
  let [w, m, v] = [start, 0, 0];
  for (const [i, raw] of gradients.entries()) {
    const g = raw * SCALE;
    w *= 1 - LEARNING_RATE * WEIGHT_DECAY;
    m = BETA1 * m + (1 - BETA1) * g;
    v = BETA2 * v + (1 - BETA2) * g * g;
    const denominator = Math.sqrt(v) / Math.sqrt(1 - BETA2 ** (i + 1)) + EPSILON;
    w -= ((LEARNING_RATE / (1 - BETA1 ** (i + 1))) * m) / denominator;
  }
  return { w, m, v };
}

describe.each(['cpu', 'wasm'])('AdamW on the %s backend', (backend) => {
  let close = async (): Promise<void> => {};
  beforeAll(async () => {
    if (backend === 'wasm') close = (await startWasmBackend({ threads: 2 })).close;
    else await tf.setBackend(backend);
  });
  afterAll(() => close());

  it.each([1, 7, 50])('three steps over %i elements equal the formula', (length) => {
    const before = tf.memory().numTensors;
    const start = sampleTensor('start', [length]).values;
    const gradients = [0, 1, 2].map((i) => sampleTensor(`gradient ${i}`, [length]).values);
    const slot: AdamWSlot = {
      parameter: tf.tidy(() => tf.variable(tf.tensor(Float32Array.from(start)))),
      firstMoment: tf.tidy(() => tf.variable(tf.zeros([length]))),
      secondMoment: tf.tidy(() => tf.variable(tf.zeros([length]))),
      weightDecay: WEIGHT_DECAY,
    };
    for (const [i, gradient] of gradients.entries()) {
      const tensor = tf.tensor(Float32Array.from(gradient));
      adamWStep([slot], [tensor], { learningRate: LEARNING_RATE, step: i + 1, gradientScale: SCALE });
      tensor.dispose();
    }
    const [w, m, v] = [slot.parameter, slot.firstMoment, slot.secondMoment].map((tensor) =>
      tensor.dataSync(),
    );
    for (const [i, value] of start.entries()) {
      const expected = referenceSteps(
        value,
        gradients.map((gradient) => gradient[i] ?? Number.NaN),
      );
      expect(w?.[i]).toBeCloseTo(expected.w, 6);
      expect(m?.[i]).toBeCloseTo(expected.m, 7);
      expect(v?.[i]).toBeCloseTo(expected.v, 8);
    }
    tf.dispose([slot.parameter, slot.firstMoment, slot.secondMoment]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('clips by the norm over all gradients, and reports a non-finite one', async () => {
    const before = tf.memory().numTensors;
    const gradients = [tf.tensor([3, 0]), tf.tensor([[0, 4]]), tf.tensor([1, Number.NaN])];
    expect(await globalNorm(gradients.slice(0, 2))).toBeCloseTo(5, 6);
    expect(await globalNorm(gradients)).toBeNaN();
    tf.dispose(gradients);
    expect(tf.memory().numTensors).toBe(before);
    expect(clippingFactor(5, 1)).toBeCloseTo(0.2, 6);
    expect(clippingFactor(0.5, 1)).toBe(1);
  });
});
