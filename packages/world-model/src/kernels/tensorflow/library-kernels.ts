import * as tf from '@tensorflow/tfjs';
import { inputsNamed, type TensorflowKernel, withTensors } from './kernel.js';

/** What stands before a kernel's name in the op's. */
const PREFIX = 'RetailSim';

/** An op that takes its inputs in this order and nothing else. */
function plain(name: string, inputNames: readonly string[], outputs = 1): Record<string, TensorflowKernel> {
  return { [name]: (run, inputs) => run(PREFIX + name, inputsNamed(inputs, inputNames), [], outputs) };
}

/** Kernels that are one op of the library each, by the name under which the op defines its kernel. */
export const LIBRARY_KERNELS: Readonly<Record<string, TensorflowKernel>> = {
  ...plain('CausalDepthwiseConvolution', ['x', 'weight', 'bias']),
  ...plain('CausalDepthwiseConvolutionGradient', ['dy', 'x', 'weight'], 3),
  ...plain('ColumnSums', ['x']),
  ...plain('GeluErf', ['x']),
  ...plain('GeluErfGradient', ['dy', 'x']),
  ...plain('LayerNormalization', ['x', 'gamma', 'beta']),
  ...plain('LayerNormalizationGradient', ['dy', 'x', 'gamma'], 3),
  ...plain('SelectiveScan', ['x', 'dt', 'aLog', 'b', 'c', 'd']),
  ...plain('SelectiveScanGradient', ['dy', 'x', 'dt', 'aLog', 'b', 'c', 'd'], 6),
  ...plain('Silu', ['x']),
  ...plain('SiluGate', ['y', 'z']),
  ...plain('SiluGateGradient', ['dy', 'y', 'z'], 2),
  ...plain('SiluGradient', ['dy', 'x']),
  ...plain('StableSoftplus', ['x']),
  ...plain('StableSoftplusGradient', ['dy', 'x']),
  ...plain('SumOfSquares', ['x']),
  ...plain('TargetLogProbability', ['logits', 'targets']),
  ...plain('TargetLogProbabilityGradient', ['dy', 'logits', 'targets']),
  AdamWStep: (run, inputs, attributes) =>
    withTensors([tf.tensor1d(adamWNumbers(attributes), 'float32')], ([numbers]) =>
      run(
        `${PREFIX}AdamWStep`,
        [...inputsNamed(inputs, ['parameter', 'gradient', 'firstMoment', 'secondMoment']), numbers],
        [],
        3,
      ),
    ),
  KeyedDropout: (run, inputs, { rate, seed }) =>
    withTensors([seedTensor(seed)], (seeds) =>
      run(
        `${PREFIX}KeyedDropout`,
        [...inputsNamed(inputs, ['x']), ...seeds],
        [{ name: 'rate', float: Number(rate) }],
        1,
      ),
    ),
  ScaledDotProductAttention: (run, inputs, { heads, causal, rate, seed }) =>
    // No mask is an empty one.
    withTensors([tf.tensor1d([], 'float32'), seedTensor(seed)], ([noMask, seeds]) =>
      run(
        `${PREFIX}ScaledDotProductAttention`,
        [...inputsNamed(inputs, ['query', 'key', 'value']), inputs.keyValid ?? noMask, seeds],
        [
          { name: 'heads', int: Number(heads) },
          { name: 'causal', bool: causal === true },
          { name: 'rate', float: Number(rate) },
        ],
        2,
      ),
    ),
  ScaledDotProductAttentionGradient: (run, inputs, { heads, rate, seed }) =>
    withTensors([seedTensor(seed)], (seeds) =>
      run(
        `${PREFIX}ScaledDotProductAttentionGradient`,
        [...inputsNamed(inputs, ['dy', 'query', 'key', 'value', 'probabilities']), ...seeds],
        [
          { name: 'heads', int: Number(heads) },
          { name: 'rate', float: Number(rate) },
        ],
        3,
      ),
    ),
};

/** In the order of `Number` in adamw.cc. */
function adamWNumbers(attributes: Readonly<Record<string, unknown>>): number[] {
  const { keep, stepSize, secondMomentScale, beta1, beta2, epsilon, gradientScale } = attributes;
  const rest = (beta: unknown) => 1 - Number(beta);
  return [
    ...[keep, stepSize, secondMomentScale].map(Number),
    ...[Number(beta1), rest(beta1), Number(beta2), rest(beta2)],
    ...[epsilon, gradientScale].map(Number),
  ];
}

/** A seed changes with every step: as an attribute it would make TensorFlow prepare and keep a kernel for each. */
function seedTensor(seed: unknown): tf.Tensor {
  return tf.tensor1d([Number(seed) | 0], 'int32');
}
