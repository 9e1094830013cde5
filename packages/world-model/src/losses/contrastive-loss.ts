import * as tf from '@tensorflow/tfjs';
import { embeddingLookup, matrixMultiply, targetLogProbability } from '../kernels/index.js';
import type { LossTerm } from './class-log-probabilities.js';
import type { ContrastivePairs } from './contrastive-pairs.js';

// InfoNCE (van den Oord et al. 2018), spec section 5, 5.2.
//   A anchors    N tokens of the pool    R tokens of the batch    d width

/** tau. */
const TEMPERATURE = 0.07;
/** Shorter vectors count as this long. */
const LEAST_NORM = 1e-12;
/** Score of a pool token that is no negative of the anchor. */
const IGNORED_SCORE = -1e9;

/**
 * Mean over anchors of `logsumexp([s+, s-...]) - s+`, s = cosine / tau: tokens `[R, d]`; `pairs` numbers their rows.
 * Without a pair the loss is 0.
 */
export function contrastiveLoss(
  tokens: tf.Tensor,
  { anchors, positives, pool, allowed }: ContrastivePairs,
  temperature = TEMPERATURE,
): LossTerm {
  const count = anchors.length;
  if (count === 0) return { loss: tf.scalar(0), count };
  const rows = (ids: Int32Array) =>
    normalizeRows(embeddingLookup(tokens, tf.tensor(ids, [ids.length], 'int32')));
  const anchorRows = rows(anchors); // [A, d]
  const similarity = anchorRows.mul(rows(positives)).sum(-1, true); // [A, 1]
  const others = matrixMultiply(anchorRows, rows(pool), { transposeB: true }); // [A, N]
  const ignored = tf.tensor(
    Float32Array.from(allowed, (isNegative) => (isNegative === 1 ? 0 : IGNORED_SCORE)),
    [count, pool.length],
  );
  const scores = tf.concat([similarity, others], 1).div(temperature); // [A, 1 + N]
  const masked = scores.add(tf.concat([tf.zeros([count, 1]), ignored], 1));
  const logProbabilities = targetLogProbability(masked, tf.zeros([count], 'int32')); // [A]
  return { loss: logProbabilities.sum().mul(-1 / count), count };
}

/** `z / max(|z|, 1e-12)` of each row `[R, d]`; the gradient is 0 instead of NaN at a zero row. */
function normalizeRows(rows: tf.Tensor): tf.Tensor {
  const run = tf.customGrad((input, save) => {
    if (!(input instanceof tf.Tensor) || typeof save !== 'function')
      throw new Error('unexpected customGrad call');
    const norm = input.square().sum(-1, true).sqrt().maximum(LEAST_NORM); // [R, 1]
    const unit = input.div(norm);
    save([unit, norm]);
    return {
      value: unit,
      gradFunc: (gradient, [savedUnit = unit, savedNorm = norm]) =>
        tf.tidy(() => {
          const along = gradient.mul(savedUnit).sum(-1, true); // [R, 1]
          return gradient.sub(savedUnit.mul(along)).div(savedNorm);
        }),
    };
  });
  return run(rows);
}
