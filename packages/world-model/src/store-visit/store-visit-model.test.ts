import * as tf from '@tensorflow/tfjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { wasmSession } from '../golden/wasm-session.js';
import { resolveStoreVisitConfig } from './store-visit-config.js';
import { storeVisitInputs } from './store-visit-inputs.js';
import { createStoreVisitModel, storeVisitParameters } from './store-visit-model.js';

const wasm = wasmSession();
beforeAll(wasm.open);
afterAll(wasm.close);
beforeEach(wasm.mark);
afterEach(() => {
  expect(wasm.strayTensors(), 'no tensor stays').toBe(0);
});

const SIZES = {
  stores: 5,
  customerWidth: 4,
  temporalWidth: 3,
  storeWidth: 2,
  productWidth: 6,
  basketSummaryWidth: 3,
  hiddenWidth: 8,
} as const;
const arrays = {
  size: 2,
  customer: Float32Array.from({ length: 8 }, (_, i) => Math.sin(i)),
  temporal: Float32Array.from({ length: 6 }, (_, i) => Math.cos(i)),
  previousStore: Int32Array.of(0, 5),
  basket: {
    positions: 2,
    productEmbeddings: new Float32Array(24).fill(0.5),
    valid: Uint8Array.of(1, 0, 0, 0),
  },
};

describe('the store-visit model', () => {
  it.each([
    { options: { stores: 761 }, total: 458_873 },
    { options: { stores: 761, basketSummaryWidth: 0 }, total: 425_913 },
  ])('has $total parameters with $options', ({ options, total }) => {
    const list = storeVisitParameters(resolveStoreVisitConfig(options));
    expect(list.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)).toBe(total);
    expect(
      list
        .filter(({ decay }) => decay)
        .every(({ name }) => /^(basket_summarizer\.proj|mlp\.\d|store_head).*weight$/.test(name)),
    ).toBe(true);
  });

  it('reads the last row of its table for an unknown store, and stays finite without items', () => {
    const model = createStoreVisitModel(SIZES, { seed: 1 });
    const run = () =>
      tf.tidy(() => Array.from(model.forward(storeVisitInputs(arrays, model.config)).dataSync()));
    const before = run();
    const table = model.parameters().find(({ name }) => name === 'store_embeddings.weight');
    tf.tidy(() => {
      const last = tf.tensor(
        Array.from({ length: 12 }, (_, i) => (i >= 10 ? 3 : 0)),
        [6, 2],
      );
      table?.variable.assign(table.variable.add(last));
    });
    const after = run();
    expect(after.slice(0, 5), 'a trip from store 0').toEqual(before.slice(0, 5));
    expect(after.slice(5)).not.toEqual(before.slice(5));
    expect(after.every(Number.isFinite)).toBe(true);
    model.dispose();
  });

  it('refuses a store that it does not know', () => {
    const config = resolveStoreVisitConfig(SIZES);
    expect(() =>
      tf.tidy(() => storeVisitInputs({ ...arrays, previousStore: Int32Array.of(0, 6) }, config)),
    ).toThrow('previousStore[1] is 6, expected 0 to 5');
  });
});
