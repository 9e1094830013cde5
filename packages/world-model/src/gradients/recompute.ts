import * as tf from '@tensorflow/tfjs';
import { backpropagate, recordTape } from './tape.js';

/**
 * `layer(x, ...)` whose intermediates are not kept: the gradient runs the layer again on its saved inputs (gradient
 * checkpointing, spec section 5, 8.3). `parameters` are the variables that the layer reads; any other tensor that it
 * reads counts as a constant. The layer must be a pure function of its inputs, dropout masks included.
 */
export function recomputed(
  layer: (...inputs: tf.Tensor[]) => tf.Tensor,
  inputs: readonly tf.Tensor[],
  parameters: readonly tf.Tensor[],
): tf.Tensor {
  const run = tf.customGrad((...args) => {
    const save = args.at(-1);
    if (typeof save !== 'function') throw new Error('tf.customGrad passes a function to save tensors last');
    const tensors = args.filter((arg) => arg instanceof tf.Tensor).slice(0, inputs.length);
    save(tensors);
    return {
      value: layer(...tensors),
      gradFunc: (outputGradient, saved) => {
        const { value, tape } = recordTape(() => layer(...saved));
        const gradients = backpropagate(tape, value, outputGradient, [...saved, ...parameters]);
        value.dispose();
        return gradients;
      },
    };
  });
  return run(...inputs, ...parameters);
}
