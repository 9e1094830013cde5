import * as tf from '@tensorflow/tfjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { goldenJson, largestDifference } from '../golden/golden-case.js';
import { wasmSession } from '../golden/wasm-session.js';
import { backpropagate, recordTape } from '../gradients/tape.js';
import { auxiliaryLoss } from './auxiliary-loss.js';
import { contrastiveLoss } from './contrastive-loss.js';
import { correctedPairs, referencePairs } from './contrastive-pairs.js';
import { focalLoss } from './focal-loss.js';
import { LOSS_TERMS, lossWeights } from './loss-weights.js';

const wasm = wasmSession();
beforeAll(wasm.open);
afterAll(wasm.close);
beforeEach(wasm.mark);
afterEach(() => {
  expect(wasm.strayTensors(), 'no tensor stays').toBe(0);
});

const table = z.array(z.array(z.number()));
const cube = z.array(table);
const golden = z
  .object({
    focal: z.array(
      z.object({
        label: z.string(),
        gamma: z.number(),
        alpha: z.array(z.number()).nullable(),
        reduction: z.enum(['mean', 'sum', 'none']),
        logits: cube,
        targets: table,
        mask: table.nullable(),
        loss: z.union([z.number(), z.array(z.number())]),
        grad_logits_of_sum: cube,
      }),
    ),
    contrastive_reference: z.array(
      z.object({
        label: z.string(),
        temperature: z.number(),
        embeddings: cube,
        product_ids: table,
        attention_mask: table,
        loss: z.number(),
        grad_embeddings: cube.nullable(),
      }),
    ),
    auxiliary: z.object({
      labels: z.record(z.string(), z.array(z.number())),
      logits: z.record(z.string(), table),
      losses: z.record(z.string(), z.number()),
      grad_logits_of_sum: z.record(z.string(), table),
    }),
    total_weights: z.record(z.string(), z.record(z.string(), z.number())),
  })
  .parse(goldenJson('losses'));

/** Values of a loss, and the gradient of their sum with respect to x. */
function valueAndGradient(
  x: tf.Tensor,
  loss: (x: tf.Tensor) => tf.Tensor,
): { values: number[]; gradient: number[] } {
  const { value, tape } = recordTape(() => loss(x));
  const ones = tf.onesLike(value);
  const [gradient] = backpropagate(tape, value, ones, [x]);
  const result = { values: [...value.dataSync()], gradient: [...(gradient?.dataSync() ?? [])] };
  tf.dispose([value, ones, ...(gradient === undefined ? [] : [gradient])]);
  return result;
}

describe('focal loss', () => {
  it.each(golden.focal)(
    '$label',
    ({ gamma, alpha, reduction, logits, targets, mask, loss, grad_logits_of_sum }) => {
      tf.tidy(() => {
        const ids = Int32Array.from(targets.flat());
        const { values, gradient } = valueAndGradient(
          tf.tensor(logits),
          (x) =>
            focalLoss(x, ids, (mask ?? targets.map((row) => row.map(() => 1))).flat(), {
              gamma,
              reduction,
              ...(alpha === null ? {} : { alpha: Float32Array.from(alpha) }),
            }).loss,
        );
        const expected = [loss].flat();
        const scale = Math.max(1, ...expected);
        expect(largestDifference(values, expected) / scale).toBeLessThan(1e-6);
        expect(largestDifference(gradient, grad_logits_of_sum.flat(2))).toBeLessThan(2e-6);
      });
    },
  );

  it('uniform logits give (1 - 1/V)^2 ln V', () => {
    tf.tidy(() => {
      const { loss, count } = focalLoss(tf.zeros([2, 3, 50]), new Int32Array(6).fill(7), [1, 1, 1, 1, 0, 1]);
      expect(count).toBe(5);
      expect(loss.dataSync()[0]).toBeCloseTo((1 - 1 / 50) ** 2 * Math.log(50), 6);
    });
  });

  it('falls as the probability of the target rises, never below 0, and has a finite gradient at certainty', () => {
    tf.tidy(() => {
      const losses = [-5, 0, 5, 20, 200].map((logit) => {
        const { values, gradient } = valueAndGradient(
          tf.tensor([[logit, 0, 0]]),
          (x) => focalLoss(x, Int32Array.of(0), [1]).loss,
        );
        expect(gradient.every(Number.isFinite)).toBe(true);
        return values[0] ?? Number.NaN;
      });
      expect(losses).toEqual([...losses].sort((a, b) => b - a));
      expect(losses.at(-1)).toBeGreaterThanOrEqual(0);
    });
  });

  it('without a valid row it is 0 with a gradient of 0', () => {
    tf.tidy(() => {
      const { values, gradient } = valueAndGradient(
        tf.tensor([[1, 2, 3]]),
        (x) => focalLoss(x, Int32Array.of(-100), [1]).loss,
      );
      expect(values).toEqual([0]);
      expect(gradient.every((value) => Math.abs(value) === 0)).toBe(true);
    });
  });

  it.each([0.5, -1, Number.NaN])('refuses gamma %d', (gamma) => {
    expect(() => tf.tidy(() => focalLoss(tf.zeros([1, 2]), Int32Array.of(1), [1], { gamma }).loss)).toThrow(
      'gamma is',
    );
  });
});

describe('auxiliary loss', () => {
  it.each(Object.keys(golden.auxiliary.losses))('%s', (name) => {
    tf.tidy(() => {
      const labels = Int32Array.from(golden.auxiliary.labels[name] ?? []);
      const { values, gradient } = valueAndGradient(
        tf.tensor(golden.auxiliary.logits[name] ?? []),
        (x) => auxiliaryLoss(x, labels).loss,
      );
      expect(values[0]).toBeCloseTo(golden.auxiliary.losses[name] ?? Number.NaN, 6);
      expect(
        largestDifference(gradient, golden.auxiliary.grad_logits_of_sum[name]?.flat() ?? []),
      ).toBeLessThan(2e-6);
    });
  });

  it('without a label it is 0, with uniform logits ln of the classes', () => {
    tf.tidy(() => {
      expect(auxiliaryLoss(tf.zeros([2, 5]), Int32Array.of(0, 0)).loss.dataSync()[0]).toBe(0);
      expect(auxiliaryLoss(tf.zeros([2, 5]), Int32Array.of(0, 3)).loss.dataSync()[0]).toBeCloseTo(
        Math.log(5),
        6,
      );
    });
  });
});

describe('contrastive loss', () => {
  it.each(golden.contrastive_reference)('reference: $label', (item) => {
    tf.tidy(() => {
      const [size, positions] = [item.product_ids.length, item.product_ids[0]?.length ?? 0];
      const pairs = referencePairs({
        size,
        positions,
        productIds: Int32Array.from(item.product_ids.flat()),
        attentionMask: item.attention_mask.flat(),
      });
      const embeddings = tf.tensor(item.embeddings);
      const { values, gradient } = valueAndGradient(
        embeddings,
        (x) =>
          contrastiveLoss(x.reshape([size * positions, embeddings.shape[2] ?? 0]), pairs, item.temperature)
            .loss,
      );
      expect(values[0]).toBeCloseTo(item.loss, 5);
      if (item.grad_embeddings !== null) {
        const expected = item.grad_embeddings.flat(2);
        const scale = Math.max(1, ...expected.map(Math.abs));
        expect(largestDifference(gradient, expected) / scale).toBeLessThan(1e-5);
      }
    });
  });

  const ids = {
    size: 3,
    positions: 5,
    productIds: Int32Array.from([1, 2, 3, 4, 52, 5, 6, 51, 2, 52, 7, 8, 52, 0, 0]),
    attentionMask: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0],
    maskedPositions: Int32Array.from([0, -1, 2, -1, -1, -1]),
    maskedLength: 2,
  };

  it('corrected: pairs real, visible products of one basket; negatives are other baskets’ products that it lacks', () => {
    for (const seed of [1, 2, 3]) {
      const { anchors, positives, pool, allowed } = correctedPairs(ids, { products: 50, seed });
      expect(anchors.length).toBe(3);
      const used = [...anchors, ...positives];
      expect(new Set(used).size, 'disjoint').toBe(used.length);
      for (const token of [...used, ...pool]) {
        expect(ids.productIds[token]).toBeGreaterThan(0);
        expect(ids.productIds[token]).toBeLessThanOrEqual(50);
        expect([0, 7], 'masked places').not.toContain(token);
      }
      expect([...pool].sort((a, b) => a - b)).toEqual([1, 2, 3, 5, 6, 8, 10, 11]);
      for (const [a, anchor] of anchors.entries()) {
        const basket = Math.floor(anchor / 5);
        expect(Math.floor((positives[a] ?? 0) / 5)).toBe(basket);
        const own = ids.productIds.slice(5 * basket, 5 * basket + 5);
        for (const [n, token] of pool.entries()) {
          const isNegative = Math.floor(token / 5) !== basket && !own.includes(ids.productIds[token] ?? 0);
          expect(allowed[a * pool.length + n]).toBe(isNegative ? 1 : 0);
        }
      }
    }
    expect(correctedPairs(ids, { products: 50, seed: 1 })).toEqual(
      correctedPairs(ids, { products: 50, seed: 1 }),
    );
    expect(correctedPairs(ids, { products: 50, seed: 1 })).not.toEqual(
      correctedPairs(ids, { products: 50, seed: 2 }),
    );
    expect(correctedPairs(ids, { products: 50, seed: 1, negatives: 2 }).pool.length).toBe(2);
  });

  it('a single basket has no negatives and no loss', () => {
    const single = { ...ids, size: 1, maskedPositions: Int32Array.of(-1, -1) };
    tf.tidy(() => {
      const { loss, count } = contrastiveLoss(
        tf.ones([5, 4]),
        correctedPairs(single, { products: 50, seed: 1 }),
      );
      expect([loss.dataSync()[0], count]).toEqual([0, 0]);
    });
  });

  it('does not change with the length of the tokens; of equal tokens it is ln(1 + negatives)', () => {
    tf.tidy(() => {
      const pairs = correctedPairs(
        { ...ids, size: 2, maskedPositions: new Int32Array(4).fill(-1) },
        { products: 50, seed: 1 },
      );
      const tokens = tf.randomNormal([10, 6], 0, 1, 'float32', 3);
      const loss = (rows: tf.Tensor) => contrastiveLoss(rows, pairs).loss.dataSync()[0] ?? Number.NaN;
      expect(loss(tokens.mul(37))).toBeCloseTo(loss(tokens), 4);
      const negatives = [...pairs.anchors].map((_, a) =>
        pairs.allowed
          .slice(a * pairs.pool.length, (a + 1) * pairs.pool.length)
          .reduce((sum, is) => sum + is, 0),
      );
      const expected = negatives.reduce((sum, count) => sum + Math.log(1 + count), 0) / negatives.length;
      expect(loss(tf.ones([10, 6]))).toBeCloseTo(expected, 5);
    });
  });
});

describe('weights of the total', () => {
  it.each([
    ['warmup', 'warm-up'],
    ['main', 'main'],
    ['main', 'fine-tune'],
  ] as const)('%s of the reference', (stored, phase) => {
    const expected = golden.total_weights[stored] ?? {};
    const actual = lossWeights(phase, 'reference');
    for (const name of LOSS_TERMS) {
      expect(actual[name], name).toBe(
        expected[name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)],
      );
    }
  });

  it('corrected: the size of a basket, which its length gives away, weighs nothing', () => {
    expect(lossWeights('main', 'corrected')).toEqual({ ...lossWeights('main', 'reference'), basketSize: 0 });
  });
});
