import { InputError } from '@retail-sim/errors';
import * as tf from '@tensorflow/tfjs';
import { columnSums } from './column-sums.js';
import { defineKernel, firstOutput, type KernelInputs, requiredInput, savedTensor } from './named-kernel.js';
import { axisLength, expectRankAtLeast, expectShape, rowCount } from './shapes.js';

export interface MatrixMultiplyOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/**
 * Batched matrix product `op(a) op(b)`, `[..., m, k] x [..., k, n] -> [..., m, n]`, with equal batch axes, each
 * operand optionally transposed on its last two axes. Gradients are products of the same kernel in other forms.
 */
export function matrixMultiply(a: tf.Tensor, b: tf.Tensor, options: MatrixMultiplyOptions = {}): tf.Tensor {
  const { transposeA = false, transposeB = false } = options;
  checkProduct(a, b, transposeA, transposeB);
  return firstOutput(runMatrixMultiply({ a, b }, { transposeA, transposeB }));
}

/**
 * Linear layer `x W^T + b`: x `[..., in]`, weight `[out, in]`, bias `[out]` -> `[..., out]` (spec section 5, 0.4).
 * The leading axes of x are rows of one product, so a weight shared by a batch costs one multiplication.
 */
export function linear(x: tf.Tensor, weight: tf.Tensor, bias?: tf.Tensor): tf.Tensor {
  expectRankAtLeast('linear', 'x', x, 1);
  expectShape('linear', 'weight', weight, ['any', axisLength(x, -1)]);
  if (bias !== undefined) expectShape('linear', 'bias', bias, [axisLength(weight, 0)]);
  return firstOutput(runLinear(bias === undefined ? { x, weight } : { x, weight, bias }));
}

const runMatrixMultiply = defineKernel({
  name: 'MatrixMultiply',
  compose: (inputs, { transposeA, transposeB }) => [
    tf.matMul(
      requiredInput(inputs, 'a'),
      requiredInput(inputs, 'b'),
      transposeA === true,
      transposeB === true,
    ),
  ],
  gradient: {
    inputsToSave: ['a', 'b'],
    backward: (dy, saved, { transposeA, transposeB }) => {
      const a = savedTensor(saved, 0);
      const b = savedTensor(saved, 1);
      return {
        // y = op(a) op(b): d op(a) = dy op(b)^T, d op(b) = op(a)^T dy, each transposed back where op transposes.
        a: () =>
          transposeA === true
            ? matrixMultiply(b, dy, { transposeA: transposeB === true, transposeB: true })
            : matrixMultiply(dy, b, { transposeB: transposeB !== true }),
        b: () =>
          transposeB === true
            ? matrixMultiply(dy, a, { transposeA: true, transposeB: transposeA === true })
            : matrixMultiply(a, dy, { transposeA: transposeA !== true }),
      };
    },
  },
});

const runLinear = defineKernel({
  name: 'Linear',
  compose: (inputs) => {
    const x = requiredInput(inputs, 'x');
    const weight = requiredInput(inputs, 'weight');
    const rows = x.reshape([rowCount(x), axisLength(x, -1)]); // [R, in]
    const product = tf.matMul(rows, weight, false, true); // [R, out]
    const biased = inputs.bias === undefined ? product : product.add(inputs.bias);
    return [biased.reshape(linearShape(inputs))];
  },
  gradient: {
    inputsToSave: ['x', 'weight'],
    backward: (dy, saved) => {
      const x = savedTensor(saved, 0);
      const weight = savedTensor(saved, 1);
      return {
        x: () => firstOutput(runLinearInputGradient({ dy, weight })),
        weight: () => firstOutput(runLinearWeightGradient({ dy, x })),
        bias: () => columnSums(dy),
      };
    },
  },
});

/** dy `[..., out]`, weight `[out, in]` -> dx `[..., in]` = dy W. */
const runLinearInputGradient = defineKernel({
  name: 'LinearInputGradient',
  compose: (inputs) => {
    const dy = requiredInput(inputs, 'dy');
    const weight = requiredInput(inputs, 'weight');
    const rows = dy.reshape([rowCount(dy), axisLength(dy, -1)]); // [R, out]
    return [tf.matMul(rows, weight).reshape([...dy.shape.slice(0, -1), axisLength(weight, 1)])];
  },
});

/** dy `[..., out]`, x `[..., in]` -> dW `[out, in]` = dy^T x over all rows. */
const runLinearWeightGradient = defineKernel({
  name: 'LinearWeightGradient',
  compose: (inputs) => {
    const dy = requiredInput(inputs, 'dy');
    const x = requiredInput(inputs, 'x');
    const dyRows = dy.reshape([rowCount(dy), axisLength(dy, -1)]); // [R, out]
    const xRows = x.reshape([rowCount(x), axisLength(x, -1)]); // [R, in]
    return [tf.matMul(dyRows, xRows, true, false)];
  },
});

function linearShape(inputs: KernelInputs): number[] {
  return [...requiredInput(inputs, 'x').shape.slice(0, -1), axisLength(requiredInput(inputs, 'weight'), 0)];
}

function checkProduct(a: tf.Tensor, b: tf.Tensor, transposeA: boolean, transposeB: boolean): void {
  expectRankAtLeast('matrixMultiply', 'a', a, 2);
  const innerA = axisLength(a, transposeA ? -2 : -1);
  const innerB = axisLength(b, transposeB ? -1 : -2);
  const batchA = a.shape.slice(0, -2).join();
  const batchB = b.shape.slice(0, -2).join();
  if (a.rank !== b.rank || batchA !== batchB || innerA !== innerB) {
    throw new InputError({
      what:
        `matrixMultiply: a [${a.shape.join(', ')}]${transposeA ? ' transposed' : ''} and ` +
        `b [${b.shape.join(', ')}]${transposeB ? ' transposed' : ''} can't be multiplied`,
      remedy: 'pass equal batch axes and equal inner lengths; for a weight shared by a batch use linear()',
    });
  }
}
