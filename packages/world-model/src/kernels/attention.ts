import { InputError } from '@retail-sim/errors';
import * as tf from '@tensorflow/tfjs';
import { type DropoutKey, dropout } from './dropout.js';
import {
  defineKernel,
  firstOutput,
  gradientsByName,
  type KernelAttributes,
  type KernelInputs,
  requiredInput,
  savedTensor,
} from './named-kernel.js';
import { axisLength, expectShape } from './shapes.js';

export interface AttentionOptions {
  /** Number of heads h; head i owns columns i D/h .. (i+1) D/h - 1 of query, key and value. */
  readonly heads: number;
  /** Keys that may be attended, float32 `[B, Lk]`: 1 keep, 0 ignore. Each row needs one valid key. */
  readonly keyValid?: tf.Tensor;
  /** Query i sees keys 0..i only. */
  readonly causal?: boolean;
  /** Dropout of the attention probabilities, element i counted over `[B, h, Lq, Lk]`. */
  readonly dropout?: DropoutKey;
}

/** Added to the scores of ignored keys (spec section 5, 2.5). */
const IGNORED_SCORE = -1e9;

/**
 * Multi-head scaled dot-product attention, `softmax(q k^T / sqrt(D/h) + mask) v` per head, heads side by side:
 * query `[B, Lq, D]`, key and value `[B, Lk, D]` -> `[B, Lq, D]`.
 */
export function scaledDotProductAttention(
  query: tf.Tensor,
  key: tf.Tensor,
  value: tf.Tensor,
  options: AttentionOptions,
): tf.Tensor {
  const { heads, keyValid, causal = false, dropout: dropoutKey = { rate: 0, seed: 0 } } = options;
  expectShape('scaledDotProductAttention', 'query', query, ['any', 'any', 'any']);
  const [batch, width] = [axisLength(query, 0), axisLength(query, 2)];
  expectShape('scaledDotProductAttention', 'key', key, [batch, 'any', width]);
  expectShape('scaledDotProductAttention', 'value', value, key.shape);
  if (keyValid !== undefined) {
    expectShape('scaledDotProductAttention', 'keyValid', keyValid, [batch, axisLength(key, 1)]);
  }
  if (!Number.isInteger(heads) || heads < 1 || width % heads !== 0) {
    throw new InputError({
      what: `scaledDotProductAttention: width ${width} can't be split into ${heads} heads`,
      remedy: 'choose a number of heads that divides the width',
    });
  }
  const inputs = keyValid === undefined ? { query, key, value } : { query, key, value, keyValid };
  const attributes = { heads, causal, rate: dropoutKey.rate, seed: dropoutKey.seed };
  return tf.tidy(() => firstOutput(runAttention(inputs, attributes)));
}

/** Outputs: the value, and the probabilities before dropout `[B, h, Lq, Lk]` for the gradient. */
const runAttention = defineKernel({
  name: 'ScaledDotProductAttention',
  compose: (inputs, attributes) => {
    const heads = Number(attributes.heads);
    const query = splitHeads(requiredInput(inputs, 'query'), heads); // [B, h, Lq, D/h]
    const key = splitHeads(requiredInput(inputs, 'key'), heads); // [B, h, Lk, D/h]
    const value = splitHeads(requiredInput(inputs, 'value'), heads); // [B, h, Lk, D/h]
    const scores = tf.matMul(query, key, false, true).mul(scoreScale(query)); // [B, h, Lq, Lk]
    const probabilities = tf.softmax(addMasks(scores, inputs, attributes));
    return [mergeHeads(tf.matMul(applyDropout(probabilities, attributes), value)), probabilities];
  },
  gradient: {
    inputsToSave: ['query', 'key', 'value'],
    outputsToSave: [false, true],
    backward: (dy, saved, attributes) =>
      gradientsByName(
        ['query', 'key', 'value'],
        runAttentionGradient(
          {
            dy,
            query: savedTensor(saved, 0),
            key: savedTensor(saved, 1),
            value: savedTensor(saved, 2),
            probabilities: savedTensor(saved, 3),
          },
          attributes,
        ),
      ),
  },
});

const runAttentionGradient = defineKernel({
  name: 'ScaledDotProductAttentionGradient',
  compose: (inputs, attributes) => {
    const heads = Number(attributes.heads);
    const dy = splitHeads(requiredInput(inputs, 'dy'), heads); // [B, h, Lq, D/h]
    const query = splitHeads(requiredInput(inputs, 'query'), heads); // [B, h, Lq, D/h]
    const key = splitHeads(requiredInput(inputs, 'key'), heads); // [B, h, Lk, D/h]
    const value = splitHeads(requiredInput(inputs, 'value'), heads); // [B, h, Lk, D/h]
    const probabilities = requiredInput(inputs, 'probabilities'); // [B, h, Lq, Lk]
    const dProbabilities = applyDropout(tf.matMul(dy, value, false, true), attributes); // [B, h, Lq, Lk]
    const expected = probabilities.mul(dProbabilities).sum(-1, true); // [B, h, Lq, 1]
    const dScores = probabilities.mul(dProbabilities.sub(expected)).mul(scoreScale(query)); // [B, h, Lq, Lk]
    return [
      mergeHeads(tf.matMul(dScores, key)),
      mergeHeads(tf.matMul(dScores, query, true, false)),
      mergeHeads(tf.matMul(applyDropout(probabilities, attributes), dy, true, false)),
    ];
  },
});

/** [B, L, D] -> [B, h, L, D/h]. */
function splitHeads(x: tf.Tensor, heads: number): tf.Tensor {
  const [batch, length, width] = [axisLength(x, 0), axisLength(x, 1), axisLength(x, 2)];
  return x.reshape([batch, length, heads, width / heads]).transpose([0, 2, 1, 3]);
}

/** [B, h, L, D/h] -> [B, L, D]. */
function mergeHeads(x: tf.Tensor): tf.Tensor {
  const [batch, heads, length, width] = [
    axisLength(x, 0),
    axisLength(x, 1),
    axisLength(x, 2),
    axisLength(x, 3),
  ];
  return x.transpose([0, 2, 1, 3]).reshape([batch, length, heads * width]);
}

function scoreScale(headQuery: tf.Tensor): number {
  return 1 / Math.sqrt(axisLength(headQuery, -1));
}

function addMasks(scores: tf.Tensor, inputs: KernelInputs, attributes: KernelAttributes): tf.Tensor {
  const keyValid = inputs.keyValid;
  let masked = scores;
  if (keyValid !== undefined) {
    const ignored = keyValid.sub(1).mul(-IGNORED_SCORE); // 0 or -1e9, [B, Lk]
    masked = masked.add(ignored.reshape([axisLength(keyValid, 0), 1, 1, axisLength(keyValid, 1)]));
  }
  if (attributes.causal === true)
    masked = masked.add(laterKeys(axisLength(scores, 2), axisLength(scores, 3)));
  return masked;
}

/** 0 for keys up to the query's own place, -1e9 after it, [Lq, Lk]. */
function laterKeys(queries: number, keys: number): tf.Tensor {
  const scores = Float32Array.from({ length: queries * keys }, (_, i) =>
    i % keys > Math.floor(i / keys) ? IGNORED_SCORE : 0,
  );
  return tf.tensor(scores, [queries, keys]);
}

function applyDropout(probabilities: tf.Tensor, { rate, seed }: KernelAttributes): tf.Tensor {
  if (Number(rate) === 0) return probabilities;
  return dropout(probabilities, { rate: Number(rate), seed: Number(seed) });
}
