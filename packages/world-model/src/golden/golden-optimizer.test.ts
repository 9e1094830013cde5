import * as tf from '@tensorflow/tfjs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { adamWStep, clippingFactor, globalNorm } from '../kernels/index.js';
import { goldenJson, largestDifference } from './golden-case.js';
import { wasmSession } from './wasm-session.js';

const wasm = wasmSession();
beforeAll(wasm.open);
afterAll(wasm.close);
beforeEach(wasm.mark);
afterEach(() => {
  expect(wasm.strayTensors(), 'no tensor stays').toBe(0);
});

const values = z.union([z.array(z.number()), z.array(z.array(z.number()))]);
const { adamw_clip: golden } = z
  .object({
    adamw_clip: z.object({
      w0: values,
      b0: values,
      weight_decay: z.number(),
      max_grad_norm: z.number(),
      steps: z.array(
        z.object({
          lr: z.number(),
          grad_w: values,
          grad_b: values,
          global_norm: z.number(),
          w: values,
          b: values,
        }),
      ),
    }),
  })
  .parse(goldenJson('optimizer'));

it('AdamW with clipping follows the reference, step by step', async () => {
  const slots = [golden.w0, golden.b0].map((start) => ({
    parameter: tf.tidy(() => tf.variable(tf.tensor(start))),
    firstMoment: tf.tidy(() => tf.variable(tf.zerosLike(tf.tensor(start)))),
    secondMoment: tf.tidy(() => tf.variable(tf.zerosLike(tf.tensor(start)))),
    weightDecay: golden.weight_decay,
  }));
  for (const [i, step] of golden.steps.entries()) {
    const gradients = [tf.tensor(step.grad_w), tf.tensor(step.grad_b)];
    const norm = await globalNorm(gradients);
    expect(norm / step.global_norm).toBeCloseTo(1, 5);
    const gradientScale = clippingFactor(norm, golden.max_grad_norm);
    adamWStep(slots, gradients, { learningRate: step.lr, step: i + 1, gradientScale });
    const [w, b] = slots.map(({ parameter }) => parameter.dataSync());
    expect(largestDifference(w ?? [], step.w.flat())).toBeLessThan(1e-6);
    expect(largestDifference(b ?? [], step.b.flat())).toBeLessThan(1e-6);
    tf.dispose(gradients);
  }
  tf.dispose(
    slots.flatMap(({ parameter, firstMoment, secondMoment }) => [parameter, firstMoment, secondMoment]),
  );
});
