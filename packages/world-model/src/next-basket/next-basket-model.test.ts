import * as tf from '@tensorflow/tfjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { wasmSession } from '../golden/wasm-session.js';
import { differentiate } from '../gradients/differentiate.js';
import { nextBasketLoss } from '../losses/next-basket-loss.js';
import { sampleBatch, TEST_BATCH, TEST_SIZES } from '../model/sample-batch.js';
import { resolveNextBasketConfig } from './next-basket-config.js';
import { nextBasketInputs } from './next-basket-inputs.js';
import { createNextBasketModel, type NextBasketModel } from './next-basket-model.js';
import { nextBasketParameters } from './next-basket-parameters.js';

const wasm = wasmSession();
beforeAll(wasm.open);
afterAll(wasm.close);
beforeEach(wasm.mark);
afterEach(() => {
  expect(wasm.strayTensors(), 'no tensor stays').toBe(0);
});

const { classes, products, productWidth, priceWidth, contextWidth } = TEST_SIZES;
const SIZES = {
  classes,
  products,
  productWidth,
  priceWidth,
  contextWidth,
  hiddenWidth: 16,
  encoderLayers: 2,
  encoderHeads: 4,
  encoderFeedForwardWidth: 32,
  predictorWidth: 24,
} as const;
const batch = sampleBatch(TEST_BATCH, 3);
const targets = {
  size: batch.size,
  labels: batch.labels,
  targets: { offsets: Int32Array.of(0, 2, 2, 5, 6), productIds: Int32Array.of(3, 9, 1, 2, 50, 7) },
};

function withModel(test: (model: NextBasketModel) => void): void {
  const model = createNextBasketModel(SIZES, { seed: 1 });
  test(model);
  model.dispose();
}

function logits(model: NextBasketModel, arrays: typeof batch): Float32Array {
  return tf.tidy(() =>
    Float32Array.from(model.forward(nextBasketInputs(arrays, model.config)).productLogits.dataSync()),
  );
}

describe('the corrected next-basket model', () => {
  it.each([
    { mode: 'reference', total: 15_491_483 },
    { mode: 'corrected', total: 15_491_487 },
  ] as const)('has $total parameters in $mode mode', ({ mode, total }) => {
    const list = nextBasketParameters(resolveNextBasketConfig({ mode, classes: 5000 }));
    expect(list.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)).toBe(total);
  });

  it('gives classes that are no product no chance, and the repeat head its products', () => {
    withModel((model) => {
      const before = logits(model, batch);
      for (let row = 0; row < before.length; row += classes) {
        for (const id of [0, 51, 52]) expect(before[row + id]).toBeLessThan(-1e8);
      }
      const bias = model.parameters().find(({ name }) => name === 'repeat_head.bias');
      tf.tidy(() => bias?.variable.assign(tf.tensor([2])));
      const after = logits(model, batch);
      const { offsets = new Int32Array(), productIds = new Int32Array() } = batch.repeats ?? {};
      for (let basket = 0; basket < batch.size; basket++) {
        const known = new Set(productIds.slice(offsets[basket], offsets[basket + 1]));
        for (let id = 1; id <= products; id++) {
          const cell = basket * classes + id;
          expect((after[cell] ?? 0) - (before[cell] ?? 0)).toBeCloseTo(known.has(id) ? 2 : 0, 5);
        }
      }
    });
  });

  it('is finite for an empty basket, an empty target and unknown labels, with gradients', () => {
    withModel((model) => {
      const empty = {
        ...batch,
        attentionMask: batch.attentionMask.map((valid, i) => (i < batch.positions ? 0 : valid)),
      };
      const none = new Int32Array(batch.size);
      const labels = { basketSize: none, priceSensitivity: none, missionType: none, missionFocus: none };
      const inputs = nextBasketInputs(empty, model.config);
      const { value, gradients } = differentiate(model.parameters(), () =>
        nextBasketLoss(
          model.forward(inputs, { training: true, dropoutKey: 3 }),
          { ...targets, labels },
          model.config,
        ),
      );
      expect(Number.isFinite(value.total.dataSync()[0])).toBe(true);
      for (const [name, gradient] of gradients)
        expect(gradient.dataSync().every(Number.isFinite), name).toBe(true);
      tf.dispose([value, inputs, [...gradients.values()]]);
    });
  });

  it('ignores what stands on padding', () => {
    withModel((model) => {
      const changed = batch.productEmbeddings.map((value, i) =>
        batch.attentionMask[Math.floor(i / productWidth)] === 1 ? value : 9,
      );
      expect(logits(model, { ...batch, productEmbeddings: changed })).toEqual(logits(model, batch));
    });
  });

  it('starts its layers differently, and loads its own state again', () => {
    withModel((model) => {
      const state = model.stateDict();
      const of = (layer: number) => state.get(`encoder.transformer.layers.${layer}.linear1.weight`)?.data;
      expect(of(0)).not.toEqual(of(1));
      model.loadStateDict(state);
      expect(model.stateDict()).toEqual(state);
    });
  });

  it('refuses heads that do not divide the width', () => {
    expect(() => resolveNextBasketConfig({ encoderHeads: 7 })).toThrow('must divide hiddenWidth');
  });
});
