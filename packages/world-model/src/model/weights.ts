import type * as tf from '@tensorflow/tfjs';

/** Looks a parameter up by its name inside a block, e.g. `in_proj.weight`. */
export type Weights = (name: string) => tf.Tensor;

/** The parameters of a block inside `weights`: `scoped(w, 'encoder.layers.0.')('D')` is `w('encoder.layers.0.D')`. */
export function scoped(weights: Weights, prefix: string): Weights {
  return (name) => weights(prefix + name);
}
