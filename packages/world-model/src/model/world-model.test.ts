import * as tf from '@tensorflow/tfjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { wasmSession } from '../golden/wasm-session.js';
import { type Batch, batch, largestChange, run, withModel } from './model-under-test.js';
import { sampleBatch, TEST_BATCH, TEST_SIZES } from './sample-batch.js';
import type { WorldModel } from './world-model.js';
import { worldModelInputs } from './world-model-inputs.js';

const wasm = wasmSession();
beforeAll(wasm.open);
afterAll(wasm.close);
beforeEach(wasm.mark);
afterEach(() => {
  expect(wasm.strayTensors(), 'no tensor stays').toBe(0);
});

const { size, positions } = batch;
const classes = TEST_SIZES.classes;

describe('heads', () => {
  it('classes that are no product never win', () => {
    withModel({}, (model) => {
      const { productLogits } = run(model, batch);
      for (let row = 0; row < productLogits.length; row += classes) {
        for (const id of [0, 51, 52]) expect(productLogits[row + id]).toBeLessThan(-1e8);
        expect(Math.max(...productLogits.slice(row + 1, row + 51))).toBeLessThan(100);
      }
    });
  });

  it('the repeat head adds w . f + b at the products bought before, and nothing elsewhere', () => {
    withModel({}, (model) => {
      const { repeats } = batch;
      if (repeats === undefined) throw new Error('the sample has no repeats');
      const { repeats: _, ...plain } = batch;
      const [with_, without] = [run(model, batch).productLogits, run(model, plain).productLogits];
      const state = model.stateDict();
      const w = state.get('repeat_head.weight')?.data ?? new Float32Array();
      const b = state.get('repeat_head.bias')?.data[0] ?? 0;
      const expected = without.slice();
      for (let basket = 0; basket < size; basket++) {
        for (let c = repeats.offsets[basket] ?? 0; c < (repeats.offsets[basket + 1] ?? 0); c++) {
          const added = w.reduce((sum, weight, k) => sum + weight * (repeats.features[3 * c + k] ?? 0), b);
          for (let m = 0; m < batch.maskedLength; m++) {
            const cell = (basket * batch.maskedLength + m) * classes + (repeats.productIds[c] ?? 0);
            expected[cell] = (expected[cell] ?? 0) + added;
          }
        }
      }
      expect(largestChange(with_, expected)).toBeLessThan(1e-5);
    });
  });

  it('without position encoding, permuting the items permutes the outputs', () => {
    withModel({ switches: { positionEncoding: 'none' } }, (model) => {
      const plain = sampleBatch({ ...TEST_BATCH, size: 1, full: true }, 9);
      const items = positions - 1;
      const order = Array.from({ length: positions }, (_, i) => (i < items ? (i + 3) % items : i));
      const permuted = { ...plain, ...permutedItems(plain, order) };
      const width = model.config.modelWidth;
      const [before, after] = [run(model, plain).decoderOutput, run(model, permuted).decoderOutput];
      for (const [to, from] of order.entries()) {
        const row = (values: Float32Array, position: number) =>
          values.slice((1 + position) * width, (2 + position) * width);
        expect(largestChange(row(after, to), row(before, from))).toBeLessThan(1e-5);
      }
      expect(largestChange(after.slice(0, width), before.slice(0, width))).toBeLessThan(1e-5);
    });
  });

  it('a final norm, when asked for, stands between decoder and heads', () => {
    withModel({ switches: { finalNorm: true } }, (model) => {
      expect(model.parameters().map(({ name }) => name)).toContain('final_norm.weight');
      expect(run(model, batch).productLogits.every(Number.isFinite)).toBe(true);
    });
  });
});

describe('dropout', () => {
  it('depends on its key alone, and is off outside training', () => {
    withModel({}, (model) => {
      const inputs = worldModelInputs(batch, model.config);
      const logits = (options: Parameters<WorldModel['forward']>[1]) =>
        tf.tidy(() => model.forward(inputs, options).productLogits.dataSync());
      expect(logits({ training: true, dropoutKey: 5 })).toEqual(logits({ training: true, dropoutKey: 5 }));
      expect(logits({ training: true, dropoutKey: 5 })).not.toEqual(
        logits({ training: true, dropoutKey: 6 }),
      );
      expect(logits({ dropoutKey: 5 })).toEqual(logits({}));
      expect(() => logits({ training: true })).toThrow('no dropoutKey');
      tf.dispose(inputs);
    });
  });
});

/** Items of a single basket in another order: place i takes item `order[i]`. */
function permutedItems(whole: Batch, order: readonly number[]): Partial<Batch> {
  const rows = (values: Float32Array, width: number) =>
    Float32Array.from(order.flatMap((from) => [...values.slice(from * width, (from + 1) * width)]));
  return {
    productEmbeddings: rows(whole.productEmbeddings, TEST_SIZES.productWidth),
    priceFeatures: rows(whole.priceFeatures, TEST_SIZES.priceWidth),
    corruption: Uint8Array.from(order, (from) => whole.corruption?.[from] ?? 0),
  };
}
