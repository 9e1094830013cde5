import * as tf from '@tensorflow/tfjs';
import type { WorldModelOutputs } from './forward-pass.js';
import { sampleBatch, TEST_BATCH, TEST_SIZES } from './sample-batch.js';
import { createWorldModel, type WorldModel } from './world-model.js';
import type { WorldModelOptions } from './world-model-config.js';
import { type WorldModelArrays, worldModelInputs } from './world-model-inputs.js';

// What the tests of the model share: a small model, one batch, and ways to change it.

export type Batch = WorldModelArrays;

/** The batch of most tests: four baskets of up to 9 places, 2 hidden items each, histories of 2 to 5 baskets. */
export const batch = sampleBatch(TEST_BATCH, 3);

/** All outputs of a model on a batch, by name, as plain numbers. */
export type Outputs = Readonly<Record<keyof WorldModelOutputs | 'basketSize', Float32Array>>;

export function run(model: WorldModel, arrays: Batch): Outputs {
  return tf.tidy(() => {
    const outputs = model.forward(worldModelInputs(arrays, model.config));
    const values = (tensor: tf.Tensor) => Float32Array.from(tensor.dataSync());
    return {
      productLogits: values(outputs.productLogits),
      auxiliaryLogits: values(outputs.auxiliaryLogits.missionType),
      basketSize: values(outputs.auxiliaryLogits.basketSize),
      encoderOutput: values(outputs.encoderOutput),
      decoderOutput: values(outputs.decoderOutput),
      productTokens: values(outputs.productTokens),
    };
  });
}

/** Runs a test on a small model, whose weights differ from their initial values everywhere, and frees it. */
export function withModel(options: WorldModelOptions, test: (model: WorldModel) => void): void {
  const model = createWorldModel({ ...TEST_SIZES, ...options }, { seed: 7 });
  tf.tidy(() => {
    for (const { variable, name } of model.parameters()) {
      if (name !== 'A_log')
        variable.assign(variable.add(tf.randomNormal(variable.shape, 0, 0.2, 'float32', 5)));
    }
  });
  test(model);
  model.dispose();
}

/** Changes elements `[row]` of an array with `width` numbers per row. */
export function changedRows(
  values: Float32Array,
  width: number,
  isChanged: (row: number) => boolean,
): Float32Array {
  return values.map((value, i) => (isChanged(Math.floor(i / width)) ? value * -3 + 1 : value));
}

/** Rows of basket 0 in `[B, rows, width]`. */
export function firstBasket(values: Float32Array): Float32Array {
  return values.slice(0, values.length / batch.size);
}

/** Largest absolute difference. */
export function largestChange(a: Float32Array, b: Float32Array): number {
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (b[i] ?? Number.NaN))), 0);
}
