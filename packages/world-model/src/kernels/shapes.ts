import { InputError } from '@retail-sim/errors';
import type * as tf from '@tensorflow/tfjs';

/** Number of elements. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Length of axis `index`; negative counts from the end. */
export function axisLength(tensor: tf.TensorInfo, index: number): number {
  const length = tensor.shape.at(index);
  if (length === undefined) throw new Error(`shape [${tensor.shape.join(', ')}] has no axis ${index}`);
  return length;
}

/** All axes before the last taken as one: `[..., C]` has `rowCount` rows. */
export function rowCount(tensor: tf.TensorInfo): number {
  return sizeOf(tensor.shape.slice(0, -1));
}

/** Refuses a tensor whose shape is not the expected one; `'any'` accepts every length on that axis. */
export function expectShape(
  op: string,
  name: string,
  tensor: tf.TensorInfo,
  expected: readonly (number | 'any')[],
): void {
  const matches =
    tensor.shape.length === expected.length &&
    expected.every((length, axis) => length === 'any' || tensor.shape[axis] === length);
  if (!matches) {
    throw new InputError({
      what: `${op}: ${name} has shape [${tensor.shape.join(', ')}], expected [${expected.join(', ')}]`,
      remedy: `pass ${name} with shape [${expected.join(', ')}]`,
    });
  }
}

/** Refuses anything but `rank` axes or more. */
export function expectRankAtLeast(op: string, name: string, tensor: tf.TensorInfo, rank: number): void {
  if (tensor.shape.length < rank) {
    throw new InputError({
      what: `${op}: ${name} has shape [${tensor.shape.join(', ')}], expected at least ${rank} axes`,
      remedy: `pass ${name} with at least ${rank} axes`,
    });
  }
}
