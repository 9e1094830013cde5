import type * as tf from '@tensorflow/tfjs';
import {
  causalDepthwiseConvolution,
  dropout,
  embeddingLookup,
  gatherSteps,
  gelu,
  layerNorm,
  linear,
  matrixMultiply,
  scaledDotProductAttention,
  selectiveScan,
  silu,
  siluGate,
  softplus,
  targetLogProbability,
} from '../index.js';
import * as reference from './float64-references.js';
import { type Float64Tensor, type GradientCheck, sampleTensor } from './gradient-check.js';

// Every op with its float64 reference, on shapes that no vector length divides.

type Tensors = Readonly<Record<string, tf.Tensor>>;

function tensorOf(tensors: Tensors, name: string): tf.Tensor {
  const tensor = tensors[name];
  if (tensor === undefined) throw new Error(`no tensor '${name}'`);
  return tensor;
}

function integers(shape: readonly number[], values: readonly number[]): Float64Tensor {
  return { shape, values: Float64Array.from(values) };
}

export interface OpCase extends GradientCheck {
  readonly title: string;
}

const matrixMultiplyCases: OpCase[] = [
  [1, 1, 1, 1],
  [1, 5, 3, 7],
  [3, 7, 13, 9],
  [2, 33, 21, 18],
  [1, 3, 600, 5],
  [1, 127, 83, 101],
].flatMap(([groups = 0, m = 0, k = 0, n = 0]) =>
  [false, true].flatMap((transposeA) =>
    [false, true].map((transposeB) => ({
      title: `matrixMultiply ${transposeA ? 'T' : 'N'}${transposeB ? 'T' : 'N'} [${groups}, ${m}, ${k}, ${n}]`,
      inputs: {
        a: sampleTensor('a', transposeA ? [groups, k, m] : [groups, m, k]),
        b: sampleTensor('b', transposeB ? [groups, n, k] : [groups, k, n]),
      },
      op: (t: Tensors) => matrixMultiply(tensorOf(t, 'a'), tensorOf(t, 'b'), { transposeA, transposeB }),
      reference: (inputs: GradientCheck['inputs']) =>
        reference.referenceMatrixMultiply(inputs, transposeA, transposeB),
    })),
  ),
);

const linearCases: OpCase[] = [
  { rows: [1], width: 1, outputs: 1 },
  { rows: [2, 5], width: 7, outputs: 3 },
  { rows: [3, 3, 2], width: 12, outputs: 9 },
  { rows: [37], width: 66, outputs: 35 },
  { rows: [2, 51], width: 112, outputs: 97 },
].flatMap(({ rows, width, outputs }) => {
  const inputs = {
    x: sampleTensor('x', [...rows, width]),
    weight: sampleTensor('weight', [outputs, width]),
  };
  return [
    {
      title: `linear [${rows}, ${width}] -> ${outputs} without bias`,
      inputs,
      op: (t: Tensors) => linear(tensorOf(t, 'x'), tensorOf(t, 'weight')),
      reference: reference.referenceLinear,
    },
    {
      title: `linear [${rows}, ${width}] -> ${outputs} with bias`,
      inputs: { ...inputs, bias: sampleTensor('bias', [outputs]) },
      op: (t: Tensors) => linear(tensorOf(t, 'x'), tensorOf(t, 'weight'), tensorOf(t, 'bias')),
      reference: reference.referenceLinear,
    },
  ];
});

const elementwiseCases: OpCase[] = [1, 6, 67].flatMap((length) => {
  const x = sampleTensor('x', [length], 6);
  const pair = { y: sampleTensor('y', [length], 3), z: sampleTensor('z', [length], 8) };
  return [
    {
      title: `gelu [${length}]`,
      inputs: { x },
      op: (t: Tensors) => gelu(tensorOf(t, 'x')),
      reference: reference.referenceGelu,
    },
    {
      title: `silu [${length}]`,
      inputs: { x },
      op: (t: Tensors) => silu(tensorOf(t, 'x')),
      reference: reference.referenceSilu,
    },
    {
      title: `softplus [${length}]`,
      inputs: { x: sampleTensor('x', [length], 30) },
      op: (t: Tensors) => softplus(tensorOf(t, 'x')),
      reference: reference.referenceSoftplus,
    },
    {
      title: `siluGate [${length}]`,
      inputs: pair,
      op: (t: Tensors) => siluGate(tensorOf(t, 'y'), tensorOf(t, 'z')),
      reference: reference.referenceSiluGate,
    },
    {
      title: `dropout [${length}]`,
      inputs: { x },
      op: (t: Tensors) => dropout(tensorOf(t, 'x'), { rate: 0.3, seed: 123456789 }),
      reference: (inputs: GradientCheck['inputs']) => reference.referenceDropout(inputs, 0.3, 123456789),
    },
  ];
});

const layerNormCases: OpCase[] = [
  [1, 5],
  [7, 4],
  [6, 33],
  [3, 130],
].map(([rows = 0, channels = 0]) => ({
  title: `layerNorm [${rows}, ${channels}]`,
  inputs: {
    x: sampleTensor('x', [rows, channels], 3, 1),
    gamma: sampleTensor('gamma', [channels], 0.5, 1),
    beta: sampleTensor('beta', [channels]),
  },
  op: (t: Tensors) => layerNorm(tensorOf(t, 'x'), tensorOf(t, 'gamma'), tensorOf(t, 'beta')),
  reference: reference.referenceLayerNorm,
}));

const convolutionCases: OpCase[] = [
  [1, 1, 3, 4],
  [2, 7, 5, 4],
  [3, 2, 8, 4],
  [1, 9, 18, 3],
  [2, 6, 12, 4],
].map(([batch = 0, length = 0, channels = 0, taps = 0]) => ({
  title: `causalDepthwiseConvolution [${batch}, ${length}, ${channels}] with ${taps} taps`,
  inputs: {
    x: sampleTensor('x', [batch, length, channels]),
    weight: sampleTensor('weight', [channels, 1, taps]),
    bias: sampleTensor('bias', [channels]),
  },
  op: (t: Tensors) =>
    causalDepthwiseConvolution(tensorOf(t, 'x'), tensorOf(t, 'weight'), tensorOf(t, 'bias')),
  reference: reference.referenceCausalDepthwiseConvolution,
}));

const embeddingCases: OpCase[] = [
  {
    title: 'embeddingLookup with repeated and missing ids',
    inputs: { table: sampleTensor('table', [7, 5]), ids: integers([2, 4], [3, 3, 0, 6, 3, 5, 0, 3]) },
    integerInputs: ['ids'],
    op: (t) => embeddingLookup(tensorOf(t, 'table'), tensorOf(t, 'ids')),
    reference: reference.referenceEmbeddingLookup,
  },
  {
    title: 'gatherSteps with repeated positions',
    inputs: { x: sampleTensor('x', [3, 4, 6]), positions: integers([3, 2], [1, 1, 0, 3, 2, 0]) },
    integerInputs: ['positions'],
    op: (t) => gatherSteps(tensorOf(t, 'x'), tensorOf(t, 'positions')),
    reference: (inputs) => {
      const ids = (inputs.positions?.values ?? new Float64Array()).map((p, i) => p + 4 * Math.floor(i / 2));
      const table = { shape: [12, 6], values: inputs.x?.values ?? new Float64Array() };
      return reference.referenceEmbeddingLookup({ table, ids: { shape: [6], values: ids } });
    },
  },
];

const scanCases: OpCase[] = [
  [1, 1, 1, 1],
  [2, 5, 3, 2],
  [2, 7, 5, 4],
  [1, 12, 6, 10],
  [3, 9, 4, 16],
  [1, 70, 5, 40],
  [3, 2, 360, 33],
].map(([batch = 0, length = 0, channels = 0, states = 0]) => ({
  title: `selectiveScan [${batch}, ${length}, ${channels}] with ${states} states`,
  inputs: {
    x: sampleTensor('x', [batch, length, channels]),
    dt: sampleTensor('dt', [batch, length, channels], 0.45, 0.5),
    aLog: sampleTensor('aLog', [channels, states], 1, 0.5),
    b: sampleTensor('b', [batch, length, states]),
    c: sampleTensor('c', [batch, length, states]),
    d: sampleTensor('d', [channels]),
  },
  op: (t: Tensors) =>
    selectiveScan({
      x: tensorOf(t, 'x'),
      dt: tensorOf(t, 'dt'),
      aLog: tensorOf(t, 'aLog'),
      b: tensorOf(t, 'b'),
      c: tensorOf(t, 'c'),
      d: tensorOf(t, 'd'),
    }),
  reference: reference.referenceSelectiveScan,
}));

const attentionCases: OpCase[] = [
  { batch: 1, queries: 1, keys: 1, width: 2, heads: 1, causal: false, masked: false, rate: 0 },
  { batch: 2, queries: 5, keys: 5, width: 6, heads: 2, causal: true, masked: false, rate: 0 },
  { batch: 2, queries: 3, keys: 7, width: 8, heads: 2, causal: false, masked: true, rate: 0 },
  { batch: 2, queries: 6, keys: 6, width: 12, heads: 3, causal: true, masked: true, rate: 0.25 },
  { batch: 1, queries: 9, keys: 11, width: 32, heads: 2, causal: false, masked: false, rate: 0.1 },
].map(({ batch, queries, keys, width, heads, causal, masked, rate }) => {
  const tensors = {
    query: sampleTensor('query', [batch, queries, width], 2),
    key: sampleTensor('key', [batch, keys, width], 2),
    value: sampleTensor('value', [batch, keys, width]),
  };
  const valid = Float64Array.from({ length: batch * keys }, (_, i) =>
    i % keys === 0 || i % 3 !== 1 ? 1 : 0,
  );
  const seed = 987654321;
  return {
    title:
      `scaledDotProductAttention [${batch}, ${queries} x ${keys}, ${width}] ${heads} heads` +
      `${causal ? ' causal' : ''}${masked ? ' masked' : ''}${rate > 0 ? ' with dropout' : ''}`,
    inputs: masked ? { ...tensors, keyValid: { shape: [batch, keys], values: valid } } : tensors,
    constantInputs: ['keyValid'],
    op: (t: Tensors) =>
      scaledDotProductAttention(tensorOf(t, 'query'), tensorOf(t, 'key'), tensorOf(t, 'value'), {
        heads,
        causal,
        ...(masked ? { keyValid: tensorOf(t, 'keyValid') } : {}),
        dropout: { rate, seed },
      }),
    reference: (inputs: GradientCheck['inputs']) =>
      reference.referenceAttention(inputs, { heads, causal, rate, seed }),
  };
});

const targetLogProbabilityCases: OpCase[] = [
  [1, 1],
  [3, 5],
  [4, 41],
].map(([rows = 0, classes = 0]) => ({
  title: `targetLogProbability [${rows}, ${classes}]`,
  inputs: {
    logits: sampleTensor('logits', [rows, classes], 8),
    targets: integers(
      [rows],
      Array.from({ length: rows }, (_, i) => (i * 7 + classes - 1) % classes),
    ),
  },
  integerInputs: ['targets'],
  op: (t: Tensors) => targetLogProbability(tensorOf(t, 'logits'), tensorOf(t, 'targets')),
  reference: reference.referenceTargetLogProbability,
}));

export const OP_CASES: readonly OpCase[] = [
  ...matrixMultiplyCases,
  ...linearCases,
  ...elementwiseCases,
  ...layerNormCases,
  ...convolutionCases,
  ...embeddingCases,
  ...scanCases,
  ...attentionCases,
  ...targetLogProbabilityCases,
];
