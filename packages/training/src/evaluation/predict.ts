import type { Batch } from '@retail-sim/tensor-preparation';
import { type WorldModel, worldModelInputs } from '@retail-sim/world-model';
import * as tf from '@tensorflow/tfjs';
import type { ModelOutput } from './score-split.js';

/** The model's logits for a batch as plain arrays, without dropout. */
export async function predict(model: WorldModel, batch: Batch): Promise<ModelOutput> {
  const inputs = worldModelInputs(batch, model.config);
  const { productLogits, auxiliaryLogits } = tf.tidy(() => {
    const { productLogits: products, auxiliaryLogits: auxiliary } = model.forward(inputs);
    return { productLogits: products, auxiliaryLogits: { ...auxiliary } };
  });
  const read = async (tensor: tf.Tensor): Promise<Float32Array> => {
    const values = await tensor.data();
    tensor.dispose();
    return Float32Array.from(values);
  };
  const output = {
    logits: await read(productLogits),
    auxiliary: {
      basketSize: await read(auxiliaryLogits.basketSize),
      priceSensitivity: await read(auxiliaryLogits.priceSensitivity),
      missionType: await read(auxiliaryLogits.missionType),
      missionFocus: await read(auxiliaryLogits.missionFocus),
    },
  };
  tf.dispose({ ...inputs });
  return output;
}
