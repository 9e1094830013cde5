import * as tf from '@tensorflow/tfjs';
import { backpropagate, recordTape } from './tape.js';

/** What a recomputed layer reads. */
export interface LayerReads {
  /** Differentiated tensors, handed to the layer in this order. */
  readonly inputs: readonly tf.Tensor[];
  /** Masks and the like, handed to the layer after the inputs. */
  readonly constants?: readonly tf.Tensor[];
  /** Variables that the layer looks up itself. */
  readonly parameters: readonly tf.Tensor[];
}

/**
 * `layer(...inputs, ...constants)` whose intermediates are not kept: the gradient runs the layer again on what it read
 * (gradient checkpointing, spec section 5, 8.3). The layer must be a pure function, dropout masks included, and must not
 * read any tensor that isn't named here.
 */
export function recomputed(
  layer: (...tensors: tf.Tensor[]) => tf.Tensor,
  { inputs, constants = [], parameters }: LayerReads,
): tf.Tensor {
  const run = tf.customGrad((...args) => {
    const save = args.at(-1);
    if (typeof save !== 'function') throw new Error('tf.customGrad passes a function to save tensors last');
    const read = [...args.filter((arg) => arg instanceof tf.Tensor).slice(0, inputs.length), ...constants];
    save(read);
    return {
      value: layer(...read),
      gradFunc: (outputGradient, saved) => {
        const { value, tape } = recordTape(() => layer(...saved));
        const differentiated = [...saved.slice(0, inputs.length), ...parameters];
        const gradients = backpropagate(tape, value, outputGradient, differentiated);
        value.dispose();
        return gradients;
      },
    };
  });
  return run(...inputs, ...parameters);
}
