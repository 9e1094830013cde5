import * as tf from '@tensorflow/tfjs';

/** Columns `[..., C]` in two equal parts. */
export function inTwo(x: tf.Tensor): readonly [tf.Tensor, tf.Tensor] {
  const [first, second] = tf.split(x, 2, -1);
  if (first === undefined || second === undefined) throw new Error('tf.split gave fewer than two parts');
  return [first, second];
}

/** Columns `[..., C]` in three equal parts. */
export function inThree(x: tf.Tensor): readonly [tf.Tensor, tf.Tensor, tf.Tensor] {
  const [first, second, third] = tf.split(x, 3, -1);
  if (first === undefined || second === undefined || third === undefined) {
    throw new Error('tf.split gave fewer than three parts');
  }
  return [first, second, third];
}

/** Rows `[R, ...]` in two parts, the first of `firstRows`. */
export function rowsInTwo(x: tf.Tensor, firstRows: number): readonly [tf.Tensor, tf.Tensor] {
  const [first, second] = tf.split(x, [firstRows, (x.shape[0] ?? 0) - firstRows], 0);
  if (first === undefined || second === undefined) throw new Error('tf.split gave fewer than two parts');
  return [first, second];
}
