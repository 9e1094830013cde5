import { InputError } from '@retail-sim/errors';
import type * as tf from '@tensorflow/tfjs';
import { sequenceWidth, type WorldModelConfig } from './world-model-config.js';
import type { WorldModelInputs } from './world-model-inputs.js';

/** Refuses inputs whose shapes don't belong together or to the model, before anything is computed. */
export function checkShapes(inputs: WorldModelInputs, config: WorldModelConfig): void {
  const { productEmbeddings, maskedPositions, replaced, history, repeats } = inputs;
  const [batch = 0, positions = 0] = productEmbeddings.shape;
  expectShape('productEmbeddings', productEmbeddings, [batch, positions, config.productWidth]);
  expectShape('denseContext', inputs.denseContext, [batch, config.contextWidth]);
  expectShape('priceFeatures', inputs.priceFeatures, [batch, positions, config.priceWidth]);
  expectShape('attentionMask', inputs.attentionMask, [batch, positions]);
  if (positions > config.maxBasketLength) {
    throw shapeError(
      `productEmbeddings has ${positions} positions, the model at most ${config.maxBasketLength}`,
    );
  }
  if (maskedPositions !== undefined) {
    expectShape('maskedPositions', maskedPositions, [batch, maskedPositions.shape[1] ?? 0]);
  }
  if (config.switches.inputCorruption === 'learned') {
    if (replaced === undefined) throw shapeError("replaced is missing, and inputCorruption is 'learned'");
    expectShape('replaced', replaced, [batch, positions, 2]);
  }
  if (history !== undefined) {
    const length = history.valid.shape[1] ?? 0;
    expectShape('history.valid', history.valid, [batch, length]);
    expectShape('history.age', history.age, [batch, length]);
    expectShape('history.tokens', history.tokens, [batch, length, sequenceWidth(config)]);
  }
  if (repeats !== undefined) {
    expectShape('repeats.features', repeats.features, [repeats.cells.size, 3]);
  }
}

function expectShape(name: string, tensor: tf.Tensor, expected: readonly number[]): void {
  if (tensor.shape.join() !== expected.join()) {
    throw shapeError(`${name} has shape [${tensor.shape.join(', ')}], expected [${expected.join(', ')}]`);
  }
}

function shapeError(what: string): InputError {
  return new InputError({
    what: `world model inputs: ${what}`,
    remedy: "make the inputs with worldModelInputs and the model's configuration",
  });
}
