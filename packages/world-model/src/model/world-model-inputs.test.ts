import { InputError } from '@retail-sim/errors';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWasmBackend } from '../kernels/index.js';
import { sampleBatch, TEST_BATCH, TEST_SIZES } from './sample-batch.js';
import { createWorldModel } from './world-model.js';
import {
  resolveWorldModelConfig,
  type WorldModelOptions,
  worldModelConfigSchema,
} from './world-model-config.js';
import { type WorldModelArrays, worldModelInputs } from './world-model-inputs.js';

let close = async (): Promise<void> => {};
beforeAll(async () => {
  close = (await startWasmBackend()).close;
});
afterAll(() => close());

const config = resolveWorldModelConfig(TEST_SIZES);
const batch = sampleBatch(TEST_BATCH, 1);

function withElement(values: Float32Array, index: number, value: number): Float32Array {
  const changed = values.slice();
  changed[index] = value;
  return changed;
}

const { history, repeats } = batch;
if (history === undefined || repeats === undefined) throw new Error('the sample lacks a part');

describe('inputs that no model can read', () => {
  it.each<{ change: Partial<WorldModelArrays>; message: string }>([
    {
      change: { denseContext: withElement(batch.denseContext, 25, Number.NaN) },
      message: 'denseContext is NaN in row 1, element 5',
    },
    {
      change: { priceFeatures: withElement(batch.priceFeatures, 0, Number.POSITIVE_INFINITY) },
      message: 'priceFeatures is Infinity in row 0, element 0',
    },
    {
      change: { productEmbeddings: new Float32Array(7) },
      message: 'productEmbeddings has 7 elements, expected [4, 9, 8]',
    },
    { change: { positions: 13 }, message: '4 baskets of 13 positions, expected 1 or more of 1 to 12' },
    { change: { size: 0 }, message: '0 baskets' },
    {
      change: { maskedPositions: batch.maskedPositions.map(() => 9) },
      message: 'maskedPositions[0] is 9, the basket has 9 positions',
    },
    { change: { corruption: new Uint8Array(3) }, message: 'corruption has 3 elements, expected [4, 9]' },
    {
      change: { history: { ...history, tokens: withElement(history.tokens, 3, Number.NaN) } },
      message: 'history.tokens is NaN in row 0, element 3',
    },
    {
      change: { history: { ...history, valid: new Uint8Array(1) } },
      message: 'history.valid has 1 elements',
    },
    {
      change: { repeats: { ...repeats, productIds: repeats.productIds.map(() => 53) } },
      message: 'repeats.productIds[0] is 53, expected 0 to 52',
    },
  ])('$message', ({ change, message }) => {
    const before = tf.memory().numTensors;
    expect(() => tf.tidy(() => worldModelInputs({ ...batch, ...change }, config))).toThrow(InputError);
    expect(() => tf.tidy(() => worldModelInputs({ ...batch, ...change }, config))).toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('misses the corruption codes', () => {
    const { corruption: _, ...plain } = batch;
    expect(() => tf.tidy(() => worldModelInputs(plain, config))).toThrow('corruption is missing');
  });

  it('has tensors of another model', () => {
    const model = createWorldModel(TEST_SIZES, { seed: 1 });
    tf.tidy(() => {
      const inputs = worldModelInputs(batch, config);
      expect(() => model.forward({ ...inputs, denseContext: tf.zeros([4, 21]) })).toThrow(
        'denseContext has shape [4, 21], expected [4, 20]',
      );
      expect(() => model.forward({ ...inputs, attentionMask: tf.zeros([4, 8]) })).toThrow(
        'attentionMask has shape',
      );
      const { replaced: _, ...plain } = inputs;
      expect(() => model.forward(plain)).toThrow('replaced is missing');
    });
    model.dispose();
  });

  it('masks nothing: one place per basket stands in', () => {
    tf.tidy(() => {
      const inputs = worldModelInputs(
        { ...batch, maskedLength: 0, maskedPositions: new Int32Array() },
        config,
      );
      expect(inputs.maskedPositions?.shape).toEqual([4, 1]);
    });
  });
});

describe('configuration', () => {
  it.each<{ options: WorldModelOptions; message: string }>([
    { options: { decoderHeads: 7 }, message: "modelWidth 512 can't be split into 7 decoderHeads" },
    { options: { products: 5003 }, message: '5003 products need more than 5003 classes' },
    { options: { dropout: 1 }, message: 'dropout' },
    { options: { stateSize: 0 }, message: 'stateSize' },
    { options: { switches: { contrastiveSource: 'encoder' } }, message: "needs encoderSource 'basket'" },
  ])('$message', ({ options, message }) => {
    expect(() => resolveWorldModelConfig(options)).toThrow(message);
  });

  it('survives a checkpoint: plain JSON and back', () => {
    const stored: unknown = JSON.parse(JSON.stringify(config));
    expect(worldModelConfigSchema.parse(stored)).toEqual(config);
    expect(resolveWorldModelConfig(worldModelConfigSchema.parse(stored))).toEqual(config);
    expect(() => worldModelConfigSchema.parse({ ...config, color: 1 })).toThrow('color');
  });

  it('takes the bundle of its mode, and single switches over it', () => {
    const { switches } = resolveWorldModelConfig({ mode: 'reference', switches: { classMask: true } });
    expect(switches).toMatchObject({ encoderSource: 'basket', decoderAttention: 'causal', classMask: true });
  });
});
