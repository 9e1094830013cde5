import * as tf from '@tensorflow/tfjs';
import { embeddingLookup, linear } from '../kernels/index.js';
import { similarBaskets } from './similar-baskets.js';
import { scoped, type Weights } from './weights.js';
import type { WorldModelInputs } from './world-model-inputs.js';

interface RepeatInputs {
  readonly repeats: NonNullable<WorldModelInputs['repeats']>;
  readonly similarBaskets: WorldModelInputs['similarBaskets'];
  /** `[V]`: bias of the product head. */
  readonly productBias: tf.Tensor;
}

/**
 * What the customer's own purchases add to the logits (spec section 5, 6.3): `w . f + b` at every product bought before,
 * f = (ln(1 + n), n / earlier baskets, exp(-weeks since / 4)), and 0 at all others -> `[B, 1, V]`.
 */
export function repeatHead(
  { repeats, similarBaskets: similar, productBias }: RepeatInputs,
  weights: Weights,
  batch: number,
  classes: number,
): tf.Tensor {
  const { cells, features, classes: candidateClasses } = repeats;
  const bought = linear(features, weights('weight').reshape([1, 3]), weights('bias')); // [C, 1]
  const scores =
    similar === undefined
      ? bought
      : bought.add(
          similarBaskets(similar, { classes: candidateClasses, productBias }, scoped(weights, 'similarity.')),
        ); // [C, 1]
  return scatterRows(scores, cells, batch * classes).reshape([batch, 1, classes]);
}

/** values `[C, 1]` to the rows `cells` `[C]`, distinct, of zeros `[rows, 1]`; tfjs has no gradient of scatterND. */
function scatterRows(values: tf.Tensor, cells: tf.Tensor, rows: number): tf.Tensor {
  const scatter = tf.customGrad((updates) => {
    if (!(updates instanceof tf.Tensor)) throw new Error('tf.customGrad passes tensors first');
    return {
      value: tf.scatterND(cells.reshape([cells.size, 1]), updates, [rows, 1]),
      gradFunc: (gradient) => embeddingLookup(gradient, cells), // [C, 1]
    };
  });
  return scatter(values);
}
