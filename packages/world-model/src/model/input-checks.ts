import { InputError } from '@retail-sim/errors';
import * as tf from '@tensorflow/tfjs';

/** Makes checked tensors of one model's inputs; `model` begins its messages, e.g. `world model inputs`. */
export interface InputChecks {
  /** Refuses an array that doesn't fill the shape. */
  readonly expectLength: (name: string, values: ArrayLike<number>, shape: readonly number[]) => void;
  /** Refuses an index outside 0..count-1. */
  readonly expectIndices: (name: string, values: ArrayLike<number>, count: number) => void;
  /** A float32 tensor of finite values; the first axis is that of rows. */
  readonly floats: (name: string, values: Float32Array, shape: readonly [number, ...number[]]) => tf.Tensor;
}

export function inputChecks(model: string): InputChecks {
  const expectLength: InputChecks['expectLength'] = (name, values, shape) => {
    const expected = shape.reduce((product, length) => product * length, 1);
    if (values.length === expected) return;
    throw new InputError({
      what: `${model}: ${name} has ${values.length} elements, expected [${shape.join(', ')}]`,
      remedy: `pass ${expected} elements; the model's configuration and the tensors must agree`,
    });
  };
  const expectIndices: InputChecks['expectIndices'] = (name, values, count) => {
    const wrong = Array.prototype.findIndex.call(values, (value: number) => value < 0 || value >= count);
    if (wrong < 0) return;
    throw new InputError({
      what: `${model}: ${name}[${wrong}] is ${values[wrong]}, expected 0 to ${count - 1}`,
      remedy: 'use the model and the tensors of one vocabulary, and all arrays of one batch of the loader',
    });
  };
  const floats: InputChecks['floats'] = (name, values, shape) => {
    expectLength(name, values, shape);
    // NaN and infinity would spread over the whole batch and into the weights.
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) {
      const perRow = values.length / shape[0];
      throw new InputError({
        what: `${model}: ${name} is ${values[wrong]} in row ${Math.floor(wrong / perRow)}, element ${wrong % perRow}`,
        remedy: 'rebuild the tensors; a value that is not finite would spoil all weights',
      });
    }
    return tf.tensor(values, [...shape], 'float32');
  };
  return { expectLength, expectIndices, floats };
}
