import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import * as reference from '../kernels/oracle/float64-references.js';
import type { Float64Tensor } from '../kernels/oracle/gradient-check.js';
import {
  computeSelfTest,
  runSelfTest,
  SELF_TEST_EXPECTED,
  SELF_TEST_IDS,
  SELF_TEST_INPUTS,
  SELF_TEST_KEY_VALID,
  SELF_TEST_TARGETS,
  type SelfTestInput,
  type SelfTestOps,
  selfTestDirection,
  selfTestNetwork,
  selfTestValues,
} from './self-test.js';

const LENGTH = 5;
/** Central differences of a float64 function err by about 1e-10 at this step. */
const STEP = 1e-5;

function shaped(shape: readonly number[], values: Float64Array): Float64Tensor {
  return { shape, values };
}

function rows({ values }: Float64Tensor, width: number): Float64Tensor {
  return shaped([values.length / width, width], values);
}

/** The same ops as `kernels/`, in float64 plain loops. */
const FLOAT64_OPS: SelfTestOps<Float64Tensor> = {
  embeddingLookup: (table, ids) =>
    shaped([2, LENGTH, 12], reference.referenceEmbeddingLookup({ table, ids })),
  linear: (x, weight, bias) =>
    shaped([2, LENGTH, weight.shape[0] ?? 0], reference.referenceLinear({ x, weight, bias })),
  layerNorm: (x, gamma, beta) => shaped(x.shape, reference.referenceLayerNorm({ x, gamma, beta })),
  convolution: (x, weight, bias) =>
    shaped(x.shape, reference.referenceCausalDepthwiseConvolution({ x, weight, bias })),
  silu: (x) => shaped(x.shape, reference.referenceSilu({ x })),
  softplus: (x) => shaped(x.shape, reference.referenceSoftplus({ x })),
  scan: (inputs) => shaped(inputs.x.shape, reference.referenceSelectiveScan(inputs)),
  siluGate: (y, z) => shaped(y.shape, reference.referenceSiluGate({ y, z })),
  attention: (query, key, value, keyValid) =>
    shaped(
      query.shape,
      reference.referenceAttention(
        { query, key, value, keyValid },
        { heads: 2, causal: false, rate: 0, seed: 0 },
      ),
    ),
  gelu: (x) => shaped(x.shape, reference.referenceGelu({ x })),
  targetLogProbability: (logits, targets) =>
    shaped([2, LENGTH], reference.referenceTargetLogProbability({ logits: rows(logits, 9), targets })),
};

const FIXED = {
  ids: shaped([2, LENGTH], Float64Array.from(SELF_TEST_IDS)),
  targets: shaped([2, LENGTH], Float64Array.from(SELF_TEST_TARGETS)),
  keyValid: shaped([2, LENGTH], Float64Array.from(SELF_TEST_KEY_VALID)),
};

/** The loss with one input moved along its direction. */
function lossAt(moved: SelfTestInput, step: number): number {
  const input = (name: SelfTestInput): Float64Tensor => {
    const values = Float64Array.from(selfTestValues(name, SELF_TEST_INPUTS[name]));
    const direction = selfTestDirection(name);
    if (name !== moved) return shaped(SELF_TEST_INPUTS[name].shape, values);
    return shaped(
      SELF_TEST_INPUTS[name].shape,
      values.map((value, i) => value + step * (direction[i] ?? 0)),
    );
  };
  const names = Object.keys(SELF_TEST_INPUTS).filter(
    (name): name is SelfTestInput => name in SELF_TEST_INPUTS,
  );
  const inputs = {} as Record<SelfTestInput, Float64Tensor>;
  for (const name of names) inputs[name] = input(name);
  const { values } = selfTestNetwork(FLOAT64_OPS, inputs, FIXED);
  return -values.reduce((sum, value) => sum + value, 0);
}

test('the stored loss and gradients are those of the network in float64', () => {
  const expected: Record<string, number> = { loss: lossAt('table', 0) };
  for (const name of Object.keys(SELF_TEST_INPUTS) as SelfTestInput[]) {
    expected[name] = (lossAt(name, STEP) - lossAt(name, -STEP)) / (2 * STEP);
  }
  for (const [name, value] of Object.entries(SELF_TEST_EXPECTED)) {
    expect(expected[name], name).toBeCloseTo(value, 7);
  }
});

test('no stored gradient is so small that a wrong one would pass', () => {
  for (const [name, value] of Object.entries(SELF_TEST_EXPECTED)) {
    expect(Math.abs(value), name).toBeGreaterThan(0.05);
  }
});

test('plain JavaScript passes; a backend with one wrong op does not', async () => {
  await tf.setBackend('cpu');
  await runSelfTest();
  const before = tf.memory().numTensors;
  const kernel = tf.getKernel(tf.Exp, 'cpu');
  tf.unregisterKernel(tf.Exp, 'cpu');
  tf.registerKernel({
    ...kernel,
    kernelFunc: (parameters) => tf.getKernel(tf.Expm1, 'cpu').kernelFunc(parameters),
  });
  try {
    await expect(runSelfTest()).rejects.toThrow(/self-test: loss is .* on cpu, expected/);
  } finally {
    tf.unregisterKernel(tf.Exp, 'cpu');
    tf.registerKernel(kernel);
  }
  expect(tf.memory().numTensors).toBe(before);
  expect(Object.keys(await computeSelfTest())).toEqual(Object.keys(SELF_TEST_EXPECTED));
});
