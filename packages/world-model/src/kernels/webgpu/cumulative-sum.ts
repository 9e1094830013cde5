import * as tf from '@tensorflow/tfjs';
import { axisLength } from '../shapes.js';

export interface CumulativeSumOptions {
  /** Element i sums those before it, without itself. */
  readonly exclusive: boolean;
  /** From the last element to the first. */
  readonly reverse: boolean;
}

/**
 * Sums along `axis` by doubling shifts (Hillis and Steele 1986), log2 of its length passes. The webgpu backend's own
 * kernel caches its shader without that length, and gives wrong sums for the second length that it meets.
 */
export function cumulativeSum(
  x: tf.Tensor,
  axis: number,
  { exclusive, reverse }: CumulativeSumOptions,
): tf.Tensor {
  const length = axisLength(x, axis);
  let sums = exclusive ? shifted(x, axis, 1, reverse) : x.clone();
  for (let distance = 1; distance < length; distance *= 2) {
    sums = sums.add(shifted(sums, axis, distance, reverse));
  }
  return sums;
}

/** out[i] = x[i - distance], or x[i + distance] in reverse; zeros where there is no such element. */
function shifted(x: tf.Tensor, axis: number, distance: number, reverse: boolean): tf.Tensor {
  const length = axisLength(x, axis);
  const kept = Math.max(length - distance, 0);
  const begin = x.shape.map((_, i) => (i === axis && reverse ? length - kept : 0));
  const size = x.shape.map((all, i) => (i === axis ? kept : all));
  const padding = x.shape.map((_, i): [number, number] => {
    if (i !== axis) return [0, 0];
    return reverse ? [0, length - kept] : [length - kept, 0];
  });
  return tf.pad(tf.slice(x, begin, size), padding);
}
