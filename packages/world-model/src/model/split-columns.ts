import * as tf from '@tensorflow/tfjs';

// Parts of a tensor. Each function computes the whole inside a scope of its own, so that it is freed when its parts are
// there.

/** Columns of `whole()`, `[..., C]`, in two equal parts. */
export function inTwo(whole: () => tf.Tensor): [tf.Tensor, tf.Tensor] {
  return tf.tidy(() => two(tf.split(whole(), 2, -1)));
}

/** Columns of `whole()`, `[..., C]`, in three equal parts. */
export function inThree(whole: () => tf.Tensor): [tf.Tensor, tf.Tensor, tf.Tensor] {
  return tf.tidy(() => {
    const [first, second, third] = tf.split(whole(), 3, -1);
    if (first === undefined || second === undefined || third === undefined) {
      throw new Error('tf.split gave fewer than three parts');
    }
    return [first, second, third];
  });
}

/** Rows of x, `[R, ...]`, in two parts, the first of `firstRows`. */
export function rowsInTwo(x: tf.Tensor, firstRows: number): [tf.Tensor, tf.Tensor] {
  return two(tf.split(x, [firstRows, (x.shape[0] ?? 0) - firstRows], 0));
}

function two([first, second]: readonly tf.Tensor[]): [tf.Tensor, tf.Tensor] {
  if (first === undefined || second === undefined) throw new Error('tf.split gave fewer than two parts');
  return [first, second];
}
