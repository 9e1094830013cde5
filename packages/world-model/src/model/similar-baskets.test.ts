import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { backpropagate, recordTape } from '../gradients/tape.js';
import { startWasmBackend, type WasmBackend } from '../kernels/index.js';
import { similarBaskets } from './similar-baskets.js';

// Two earlier baskets: the first holds candidates 0 and 1, the second candidate 1. Nobody speaks for candidate 2.
const comparisons = [
  [1, 0.5, 1, 0, 0.2, 0.9],
  [0.2, 0.1, 0, 1, 0.7, 0.4],
] as const;
const holders = [[0], [0, 1], []] as const;
const bias = [0, -1, -2, -3];
const classes = [1, 2, 3];
const theta = [1.2, -0.4, 0.3, -0.2, 0.5, 0.1];
const scale = 1.5;
const popularity = -0.6;

/** In double precision, as the file's heading says it. */
function expected(weights: readonly number[]): number[] {
  return holders.map((baskets, candidate) => {
    const support = baskets.reduce((sum, basket) => {
      const row = comparisons[basket] ?? [];
      return sum + Math.exp(row.reduce<number>((dot, value, k) => dot + value * (weights[k] ?? 0), 0));
    }, 0.02);
    return scale * Math.log(support) + popularity * (bias[classes[candidate] ?? 0] ?? 0);
  });
}

let backend: WasmBackend;
beforeAll(async () => {
  backend = await startWasmBackend();
});
afterAll(() => backend.close());

it('weighs earlier baskets by resemblance, and so do its gradients', async () => {
  const variables: Record<string, tf.Variable> = {
    weight: tf.variable(tf.tensor1d(theta)),
    scale: tf.variable(tf.tensor1d([scale])),
    popularity: tf.variable(tf.tensor1d([popularity])),
  };
  const inputs = {
    comparisons: tf.tensor2d(comparisons.map((row) => [...row])),
    itemBaskets: tf.tensor1d([0, 0, 1], 'int32'),
    itemCandidates: tf.tensor1d([0, 1, 1], 'int32'),
  };
  const candidates = { classes: tf.tensor1d(classes, 'int32'), productBias: tf.tensor1d(bias) };
  const weights = (name: string): tf.Tensor => {
    const variable = variables[name];
    if (variable === undefined) throw new Error(name);
    return variable;
  };
  const { value, tape } = recordTape(() => similarBaskets(inputs, candidates, weights)); // [3, 1]
  const got = [...(await value.data())];
  for (const [candidate, logit] of expected(theta).entries()) expect(got[candidate]).toBeCloseTo(logit, 5);

  const [gradient] = backpropagate(tape, value, tf.tensor2d([[1], [-2], [3]]), [weights('weight')]);
  const slopes = [...((await gradient?.data()) ?? [])];
  const total = (at: readonly number[]): number =>
    expected(at).reduce((sum, logit, candidate) => sum + ([1, -2, 3][candidate] ?? 0) * logit, 0);
  for (const k of theta.keys()) {
    const moved = (by: number) => theta.map((value, j) => (j === k ? value + by : value));
    expect(slopes[k]).toBeCloseTo((total(moved(1e-5)) - total(moved(-1e-5))) / 2e-5, 4);
  }
});
