import * as tf from '@tensorflow/tfjs';
import { backpropagate, recordTape } from './tape.js';

/** A variable and the name under which its gradient is wanted. */
export interface NamedVariable {
  readonly name: string;
  readonly variable: tf.Variable;
}

export interface Differentiated<T> {
  readonly value: T;
  /** By parameter name, in the order of the parameters; the caller disposes of them. */
  readonly gradients: ReadonlyMap<string, tf.Tensor>;
}

/** What `f` computes, and the gradient of its scalar `total` by every parameter. */
export function differentiate<T extends tf.TensorContainerObject & { readonly total: tf.Tensor }>(
  parameters: readonly NamedVariable[],
  f: () => T,
): Differentiated<T> {
  const { value, tape } = recordTape(f);
  const one = tf.scalar(1);
  const gradients = backpropagate(
    tape,
    value.total,
    one,
    parameters.map(({ variable }) => variable),
  );
  one.dispose();
  return {
    value,
    gradients: new Map(parameters.map(({ name }, i) => [name, gradients[i] ?? tf.scalar(Number.NaN)])),
  };
}
