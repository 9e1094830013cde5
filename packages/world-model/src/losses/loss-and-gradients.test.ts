import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { wasmSession } from '../golden/wasm-session.js';
import { backpropagate, recordTape } from '../gradients/tape.js';
import { adamWStep } from '../kernels/index.js';
import { MAMBA_ROWS_AT_A_TIME } from '../model/mamba-block.js';
import { sampleBatch, TEST_BATCH, TEST_SIZES } from '../model/sample-batch.js';
import { createWorldModel, type WorldModel } from '../model/world-model.js';
import type { WorldModelOptions } from '../model/world-model-config.js';
import { type WorldModelArrays, worldModelInputs } from '../model/world-model-inputs.js';
import {
  evaluateLoss,
  type LossesAndGradients,
  type LossOptions,
  lossAndGradients,
} from './loss-and-gradients.js';
import { lossWeights } from './loss-weights.js';
import { type WorldModelTargets, worldModelLoss } from './world-model-loss.js';

const wasm = wasmSession();
beforeAll(wasm.open);
afterAll(wasm.close);
beforeEach(wasm.mark);
afterEach(() => {
  expect(wasm.strayTensors(), 'no tensor stays').toBe(0);
});

/** What is left after it is held by something. */
const collectGarbage: () => void = (() => {
  v8.setFlagsFromString('--expose-gc');
  return z.custom<() => void>((value) => typeof value === 'function').parse(runInNewContext('gc'));
})();

const batch = sampleBatch(TEST_BATCH, 3);
const weights = lossWeights('main', 'reference');
const training: LossOptions = { weights, training: true, dropoutKey: 11, contrastiveSeed: 5 };

async function withModel(
  options: WorldModelOptions,
  test: (model: WorldModel) => Promise<void>,
): Promise<void> {
  const model = createWorldModel({ ...TEST_SIZES, ...options }, { seed: 7 });
  await test(model);
  model.dispose();
}

interface Result extends Pick<LossesAndGradients, 'losses' | 'counts'> {
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

async function run(
  model: WorldModel,
  targets: WorldModelArrays & WorldModelTargets,
  options: LossOptions,
): Promise<Result> {
  const inputs = worldModelInputs(targets, model.config);
  const { losses, counts, gradients } = await lossAndGradients(model, inputs, targets, options);
  const values = new Map(
    [...gradients].map(([name, gradient]) => [name, Float32Array.from(gradient.dataSync())]),
  );
  tf.dispose([inputs, [...gradients.values()]]);
  return { losses, counts, gradients: values };
}

describe('lossAndGradients', () => {
  it('reports every term, its count and the weighted total', async () => {
    await withModel({}, async (model) => {
      const { losses, counts, gradients } = await run(model, batch, { weights });
      expect([...gradients.keys()]).toEqual(model.parameters().map(({ name }) => name));
      const total = Object.entries(weights).reduce(
        (sum, [name, weight]) =>
          sum + weight * (new Map<string, number>(Object.entries(losses)).get(name) ?? 0),
        0,
      );
      expect(losses.total).toBeCloseTo(total, 5);
      expect(counts.focal).toBe(8);
      expect(counts.missionType).toBe(batch.labels.missionType.filter((label) => label > 0).length);
      const inputs = worldModelInputs(batch, model.config);
      expect((await evaluateLoss(model, inputs, batch, { weights })).losses).toEqual(losses);
      tf.dispose(inputs);
    });
  });

  it('agrees with a finite difference of the loss along its own gradient', async () => {
    await withModel({ dropout: 0 }, async (model) => {
      const { losses, gradients } = await run(model, batch, { weights });
      const squares = [...gradients.values()].map((values) => values.reduce((sum, g) => sum + g * g, 0));
      const slope = Math.sqrt(squares.reduce((sum, value) => sum + value, 0));
      const step = 3e-3;
      const move = (distance: number) =>
        tf.tidy(() => {
          for (const { name, variable } of model.parameters()) {
            const direction = tf.tensor(gradients.get(name) ?? [], variable.shape).div(slope);
            variable.assign(variable.add(direction.mul(distance)));
          }
        });
      move(step);
      const above = (await run(model, batch, { weights })).losses.total;
      move(-2 * step);
      const below = (await run(model, batch, { weights })).losses.total;
      expect((above - below) / (2 * step) / slope).toBeCloseTo(1, 2);
      expect(below).toBeLessThan(losses.total);
    });
  });

  it.each(['corrected', 'reference'] as const)(
    '%s: recomputing layers changes no gradient, with dropout',
    async (mode) => {
      await withModel({ mode }, async (model) => {
        // More baskets than an encoder layer is recomputed for at a time, and not a multiple of them.
        const many = sampleBatch({ ...TEST_BATCH, size: MAMBA_ROWS_AT_A_TIME + 3 }, 3);
        const plain = await run(model, many, training);
        const again = await run(model, many, { ...training, recompute: true });
        expect(again.losses).toEqual(plain.losses);
        for (const [name, values] of plain.gradients) {
          const other = again.gradients.get(name) ?? new Float32Array();
          for (const [i, value] of values.entries()) {
            expect(Math.abs((other[i] ?? Number.NaN) - value), name).toBeLessThanOrEqual(
              1e-6 * Math.max(1, Math.abs(value)),
            );
          }
        }
      });
    },
  );

  it('the target changes no output, and only its own term of the loss', async () => {
    await withModel({}, async (model) => {
      const changed = {
        ...batch,
        maskedTargets: batch.maskedTargets.map((id) => (id % 50) + 1),
        labels: { ...batch.labels, basketSize: batch.labels.basketSize.map(() => 2) },
      };
      const [before, after] = [await run(model, batch, { weights }), await run(model, changed, { weights })];
      expect(after.losses.focal).not.toBe(before.losses.focal);
      expect(after.losses.missionType).toBe(before.losses.missionType);
      expect(after.losses.contrastive).toBe(before.losses.contrastive);
      const logits = (targets: typeof batch) =>
        tf.tidy(() => model.forward(worldModelInputs(targets, model.config)).productLogits.dataSync());
      expect(logits(changed)).toEqual(logits(batch));
    });
  });

  it('no label, no mask, one basket, a basket of nothing but its end: finite losses, finite gradients', async () => {
    await withModel({}, async (model) => {
      const none = batch.labels.basketSize.map(() => 0);
      const labels = { basketSize: none, priceSensitivity: none, missionType: none, missionFocus: none };
      const single = sampleBatch({ ...TEST_BATCH, size: 1, positions: 1, maskedLength: 0 }, 4);
      const cases = [
        { ...batch, labels },
        {
          ...batch,
          maskedTargets: batch.maskedTargets.map(() => -100),
          maskedPositions: batch.maskedPositions.map(() => -1),
        },
        { ...batch, maskedLength: 0, maskedTargets: new Int32Array(), maskedPositions: new Int32Array() },
        single,
        { ...batch, attentionMask: batch.attentionMask.map((_, i) => (i < batch.positions ? 0 : 1)) },
      ];
      for (const targets of cases) {
        const { losses, gradients } = await run(model, targets, training);
        expect(Object.values(losses).every(Number.isFinite)).toBe(true);
        for (const [name, values] of gradients) expect(values.every(Number.isFinite), name).toBe(true);
      }
      const { losses, counts } = await run(model, cases[1] ?? batch, training);
      expect([losses.focal, counts.focal]).toEqual([0, 0]);
      const unlabelled = await run(model, cases[0] ?? batch, training);
      expect([unlabelled.losses.missionFocus, unlabelled.counts.missionFocus]).toEqual([0, 0]);
    });
  });

  it('padding of T2 and T4, and what stands at a hidden place, has no gradient', async () => {
    await withModel({}, async (model) => {
      const inputs = worldModelInputs(batch, model.config);
      const { value, tape } = recordTape(() =>
        worldModelLoss(model.forward(inputs), batch, model.config, { weights }),
      );
      const one = tf.scalar(1);
      const read = [inputs.productEmbeddings, inputs.priceFeatures];
      const gradients = backpropagate(tape, value.total, one, read);
      for (const [i, gradient] of gradients.entries()) {
        const width = read[i]?.shape[2] ?? 1;
        const values = gradient.dataSync();
        const tokens = Array.from(
          batch.attentionMask,
          (valid, token) => valid === 1 && batch.corruption?.[token] === 0,
        );
        for (const [token, isVisible] of tokens.entries()) {
          const row = [...values.slice(token * width, (token + 1) * width)];
          expect(row.some((element) => element !== 0)).toBe(isVisible);
        }
      }
      tf.dispose([inputs, value, one, gradients]);
    });
  });

  it('classes that are no product learn nothing', async () => {
    await withModel({}, async (model) => {
      const { gradients } = await run(model, batch, { weights });
      const head = gradients.get('output_heads.product_head.3.weight') ?? new Float32Array();
      const width = model.config.modelWidth;
      const largest = (id: number) => Math.max(...head.slice(id * width, (id + 1) * width).map(Math.abs));
      for (const id of [0, 51, 52]) expect(largest(id)).toBeLessThan(1e-37);
      for (const id of [1, 25, 50]) expect(largest(id)).toBeGreaterThan(1e-6);
    });
  });

  it('four micro-batches, weighted by their counts, give the gradients of the whole', async () => {
    await withModel({}, async (model) => {
      const focalOnly = lossWeights('warm-up', 'corrected');
      const one = sampleBatch({ ...TEST_BATCH, size: 1, full: true }, 8);
      const double = { ...sampleBatch({ ...TEST_BATCH, size: 2, full: true }, 9) };
      const parts = [one, double];
      const results = await Promise.all(parts.map((part) => run(model, part, { weights: focalOnly })));
      const whole = await run(model, joined(one, double), { weights: focalOnly });
      const count = results.reduce((sum, { counts }) => sum + counts.focal, 0);
      expect(whole.counts.focal).toBe(count);
      for (const [name, values] of whole.gradients) {
        for (const [i, value] of values.entries()) {
          const mean = results.reduce(
            (sum, { counts, gradients }) =>
              sum + (counts.focal / count) * (gradients.get(name)?.[i] ?? Number.NaN),
            0,
          );
          expect(Math.abs(mean - value), name).toBeLessThan(1e-5);
        }
      }
    });
  });
});

describe('training', () => {
  it('500 steps leave no tensor and no memory behind, and learn a batch by heart', async () => {
    await withModel({ dropout: 0 }, async (model) => {
      const zeros = (shape: readonly number[]) => tf.tidy(() => tf.variable(tf.zeros([...shape])));
      const slots = model.parameters().map(({ variable, shape, decay }) => ({
        parameter: variable,
        firstMoment: zeros(shape),
        secondMoment: zeros(shape),
        weightDecay: decay ? 0.01 : 0,
      }));
      const losses: number[] = [];
      const tensors: number[] = [];
      const resident: number[] = [];
      for (let step = 1; step <= 500; step++) {
        const inputs = worldModelInputs(batch, model.config);
        const { losses: values, gradients } = await lossAndGradients(model, inputs, batch, {
          weights: lossWeights('main', 'corrected'),
          training: true,
          dropoutKey: step,
          contrastiveSeed: step,
          recompute: step % 2 === 0,
        });
        adamWStep(slots, [...gradients.values()], { learningRate: 3e-3, step });
        tf.dispose([inputs, [...gradients.values()]]);
        losses.push(values.focal);
        if (step % 100 === 0) {
          tensors.push(tf.memory().numTensors);
          collectGarbage();
          resident.push(process.memoryUsage().rss);
        }
      }
      expect(new Set(tensors).size, 'live tensors').toBe(1);
      expect(Math.max(...resident.slice(1)) - (resident[0] ?? 0), 'bytes gained after step 100').toBeLessThan(
        24e6,
      );
      expect(losses[0]).toBeGreaterThan(3);
      expect(losses.at(-1)).toBeLessThan(0.01);
      tf.dispose(slots.flatMap(({ firstMoment, secondMoment }) => [firstMoment, secondMoment]));
    });
  });
});

/** Two batches of equal lengths as one, without repeats. */
function joined(
  a: WorldModelArrays & WorldModelTargets,
  b: WorldModelArrays & WorldModelTargets,
): WorldModelArrays & WorldModelTargets {
  const floats = (...parts: readonly Float32Array[]) => Float32Array.from(parts.flatMap((part) => [...part]));
  const bytes = (...parts: readonly ArrayLike<number>[]) =>
    Uint8Array.from(parts.flatMap((part) => Array.from(part)));
  const integers = (...parts: readonly ArrayLike<number>[]) =>
    Int32Array.from(parts.flatMap((part) => Array.from(part)));
  const [historyA, historyB, repeatsA, repeatsB] = [a.history, b.history, a.repeats, b.repeats];
  if (!historyA || !historyB || !repeatsA || !repeatsB) throw new Error('the samples lack a part');
  const shift = repeatsA.productIds.length;
  return {
    ...a,
    size: a.size + b.size,
    denseContext: floats(a.denseContext, b.denseContext),
    productEmbeddings: floats(a.productEmbeddings, b.productEmbeddings),
    priceFeatures: floats(a.priceFeatures, b.priceFeatures),
    attentionMask: bytes(a.attentionMask, b.attentionMask),
    corruption: bytes(a.corruption ?? [], b.corruption ?? []),
    productIds: integers(a.productIds, b.productIds),
    maskedPositions: integers(a.maskedPositions, b.maskedPositions),
    maskedTargets: integers(a.maskedTargets, b.maskedTargets),
    labels: {
      basketSize: integers(a.labels.basketSize, b.labels.basketSize),
      priceSensitivity: integers(a.labels.priceSensitivity, b.labels.priceSensitivity),
      missionType: integers(a.labels.missionType, b.labels.missionType),
      missionFocus: integers(a.labels.missionFocus, b.labels.missionFocus),
    },
    history: {
      length: historyA.length,
      tokens: floats(historyA.tokens, historyB.tokens),
      valid: bytes(historyA.valid, historyB.valid),
      age: integers(historyA.age, historyB.age),
    },
    repeats: {
      offsets: integers(
        repeatsA.offsets,
        repeatsB.offsets.slice(1).map((offset) => offset + shift),
      ),
      productIds: integers(repeatsA.productIds, repeatsB.productIds),
      features: floats(repeatsA.features, repeatsB.features),
    },
  };
}
