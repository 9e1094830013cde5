import { Failure } from '@retail-sim/errors';
import { counterUniform, fnv1a32 } from '@retail-sim/random';
import * as tf from '@tensorflow/tfjs';
import {
  causalDepthwiseConvolution,
  embeddingLookup,
  gelu,
  layerNorm,
  linear,
  scaledDotProductAttention,
  selectiveScan,
  silu,
  siluGate,
  softplus,
  targetLogProbability,
} from '../kernels/index.js';

// A small network through every op of the model, B = 2 baskets of S = 5 tokens, width 12, with lengths that no vector
// width divides. Its loss and gradients were computed once in float64 (self-test.test.ts does it again) and are stored
// here: a backend that doesn't reproduce them computes something else.

/** What one op computes, of any kind of array: the float64 check runs the same network on other ops. */
export interface SelfTestOps<T> {
  readonly embeddingLookup: (table: T, ids: T) => T;
  readonly linear: (x: T, weight: T, bias: T) => T;
  readonly layerNorm: (x: T, gamma: T, beta: T) => T;
  readonly convolution: (x: T, weight: T, bias: T) => T;
  readonly silu: (x: T) => T;
  readonly softplus: (x: T) => T;
  readonly scan: (inputs: { x: T; dt: T; aLog: T; b: T; c: T; d: T }) => T;
  readonly siluGate: (y: T, z: T) => T;
  readonly attention: (query: T, key: T, value: T, keyValid: T) => T;
  readonly gelu: (x: T) => T;
  readonly targetLogProbability: (logits: T, targets: T) => T;
}

/** Shape, and range `base - scale .. base + scale`, of each differentiated input. */
export const SELF_TEST_INPUTS = {
  table: { shape: [7, 12], scale: 1, base: 0 },
  inWeight: { shape: [12, 12], scale: 0.6, base: 0 },
  inBias: { shape: [12], scale: 0.5, base: 0 },
  gamma: { shape: [12], scale: 0.5, base: 1 },
  beta: { shape: [12], scale: 0.5, base: 0 },
  convWeight: { shape: [12, 1, 4], scale: 0.8, base: 0 },
  convBias: { shape: [12], scale: 0.5, base: 0 },
  dtWeight: { shape: [12, 12], scale: 0.4, base: 0 },
  dtBias: { shape: [12], scale: 0.5, base: -0.5 },
  aLog: { shape: [12, 6], scale: 1, base: 0.5 },
  bWeight: { shape: [6, 12], scale: 0.6, base: 0 },
  bBias: { shape: [6], scale: 0.2, base: 0 },
  cWeight: { shape: [6, 12], scale: 0.6, base: 0 },
  cBias: { shape: [6], scale: 0.2, base: 0 },
  d: { shape: [12], scale: 1, base: 1 },
  outWeight: { shape: [9, 12], scale: 1, base: 0 },
  outBias: { shape: [9], scale: 0.5, base: 0 },
} as const satisfies Readonly<Record<string, InputRange>>;

interface InputRange {
  readonly shape: readonly number[];
  readonly scale: number;
  readonly base: number;
}

export type SelfTestInput = keyof typeof SELF_TEST_INPUTS;

export const SELF_TEST_IDS = [3, 1, 3, 0, 6, 2, 6, 5, 3, 1]; // [2, 5]
export const SELF_TEST_TARGETS = [0, 8, 4, 4, 1, 7, 2, 0, 3, 5]; // [2, 5]
export const SELF_TEST_KEY_VALID = [1, 1, 1, 1, 1, 1, 1, 1, 0, 0]; // [2, 5]

/** The network up to the log-probability of each target, `[2, 5]`; the loss is minus their sum. */
export function selfTestNetwork<T>(
  ops: SelfTestOps<T>,
  inputs: Readonly<Record<SelfTestInput, T>>,
  fixed: { readonly ids: T; readonly targets: T; readonly keyValid: T },
): T {
  const tokens = ops.embeddingLookup(inputs.table, fixed.ids); // [2, 5, 12]
  const mixed = ops.linear(tokens, inputs.inWeight, inputs.inBias);
  const normalized = ops.layerNorm(mixed, inputs.gamma, inputs.beta);
  const x = ops.silu(ops.convolution(normalized, inputs.convWeight, inputs.convBias));
  const scanned = ops.scan({
    x,
    dt: ops.softplus(ops.linear(x, inputs.dtWeight, inputs.dtBias)),
    aLog: inputs.aLog,
    b: ops.linear(x, inputs.bWeight, inputs.bBias), // [2, 5, 6]
    c: ops.linear(x, inputs.cWeight, inputs.cBias), // [2, 5, 6]
    d: inputs.d,
  });
  const gated = ops.siluGate(scanned, normalized);
  const attended = ops.attention(gated, gated, gated, fixed.keyValid);
  const logits = ops.gelu(ops.linear(attended, inputs.outWeight, inputs.outBias)); // [2, 5, 9]
  return ops.targetLogProbability(logits, fixed.targets); // [2, 5]
}

/** Deterministic values of an input, or of the direction along which its gradient is taken. */
export function selfTestValues(name: string, { shape, scale, base }: InputRange): Float32Array {
  const seed = fnv1a32(name);
  const size = shape.reduce((product, length) => product * length, 1);
  return Float32Array.from({ length: size }, (_, i) => (2 * counterUniform(seed, i) - 1) * scale + base);
}

/** Where the gradient of an input is multiplied with; same shape. */
export function selfTestDirection(name: SelfTestInput): Float32Array {
  return selfTestValues(`step of ${name}`, { shape: SELF_TEST_INPUTS[name].shape, scale: 1, base: 0 });
}

/** The loss, and each gradient's inner product with its direction, in float64. */
export const SELF_TEST_EXPECTED: Readonly<Record<'loss' | SelfTestInput, number>> = {
  loss: 22.47155917,
  table: 1.39123574,
  inWeight: 1.98209052,
  inBias: -0.50826358,
  gamma: -2.26923409,
  beta: 0.32526319,
  convWeight: -0.37351124,
  convBias: -0.99443562,
  dtWeight: 0.45388505,
  dtBias: -0.22418912,
  aLog: 0.57775636,
  bWeight: -2.39327661,
  bBias: 0.76616962,
  cWeight: -1.25785019,
  cBias: 0.06649444,
  d: 0.27367636,
  outWeight: -0.53458779,
  outBias: -0.46544887,
};

/** float32 on any backend stays well below; ten bits of mantissa (TF32, float16) don't. */
const TOLERANCE = 1e-4;

/** Computes the network on the current tfjs backend. @throws Failure when a value is not the stored one */
export async function runSelfTest(): Promise<void> {
  const actual = await computeSelfTest();
  for (const [name, expected] of Object.entries(SELF_TEST_EXPECTED)) {
    const value = actual[name] ?? Number.NaN;
    if (!(Math.abs(value - expected) <= TOLERANCE * Math.max(1, Math.abs(expected)))) {
      throw new Failure(`self-test: ${name} is ${value} on ${tf.getBackend()}, expected ${expected}`, {
        remedy: 'use another device',
      });
    }
  }
}

/** Loss and gradients of the network on the current backend, summarised as in `SELF_TEST_EXPECTED`. */
export async function computeSelfTest(): Promise<Record<string, number>> {
  const names = Object.keys(SELF_TEST_INPUTS).filter(isSelfTestInput);
  const summary = tf.tidy(() => {
    const values = names.map((name) => inputTensor(name, selfTestValues(name, SELF_TEST_INPUTS[name])));
    const fixed = {
      ids: tf.tensor(SELF_TEST_IDS, [2, 5], 'int32'),
      targets: tf.tensor(SELF_TEST_TARGETS, [2, 5], 'int32'),
      keyValid: tf.tensor(SELF_TEST_KEY_VALID, [2, 5], 'float32'),
    };
    const logProbabilities = (...tensors: tf.Tensor[]): tf.Tensor => {
      const inputs = Object.fromEntries(names.map((name, i) => [name, tensors[i]]));
      if (!isComplete(inputs)) throw new Error('the self-test lacks an input');
      return selfTestNetwork(TENSOR_OPS, inputs, fixed); // [2, 5]
    };
    const loss = logProbabilities(...values)
      .sum()
      .neg();
    const gradients = tf.grads(logProbabilities)(values, tf.fill([2, 5], -1));
    const products = names.map((name, i) =>
      (gradients[i] ?? tf.scalar(Number.NaN)).mul(inputTensor(name, selfTestDirection(name))).sum(),
    );
    return tf.stack([loss, ...products]);
  });
  const numbers = await summary.data();
  summary.dispose();
  return Object.fromEntries(['loss', ...names].map((name, i) => [name, numbers[i] ?? Number.NaN]));
}

const TENSOR_OPS: SelfTestOps<tf.Tensor> = {
  embeddingLookup,
  linear,
  layerNorm,
  convolution: causalDepthwiseConvolution,
  silu,
  softplus,
  scan: selectiveScan,
  siluGate,
  attention: (query, key, value, keyValid) =>
    scaledDotProductAttention(query, key, value, { heads: 2, keyValid }),
  gelu,
  targetLogProbability,
};

function inputTensor(name: SelfTestInput, values: Float32Array): tf.Tensor {
  return tf.tensor(values, [...SELF_TEST_INPUTS[name].shape]);
}

function isSelfTestInput(name: string): name is SelfTestInput {
  return name in SELF_TEST_INPUTS;
}

function isComplete(
  inputs: Record<string, tf.Tensor | undefined>,
): inputs is Record<SelfTestInput, tf.Tensor> {
  return Object.keys(SELF_TEST_INPUTS).every((name) => inputs[name] !== undefined);
}
