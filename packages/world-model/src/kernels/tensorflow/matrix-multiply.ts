import * as tf from '@tensorflow/tfjs';
import { axisLength, rowCount } from '../shapes.js';
import { inputNamed, type TensorflowKernel, withTensors } from './kernel.js';
import type { RunOp } from './tensorflow-backend.js';

// tfjs turns every product into a batched one; TensorFlow's plain MatMul is its fastest, and saves the reshapes.

export const linear: TensorflowKernel = (run, inputs) => {
  const [x, weight] = [inputNamed(inputs, 'x'), inputNamed(inputs, 'weight')];
  const { bias } = inputs;
  return withTensors([asRows(run, x)], ([rows]) =>
    withTensors([matMul(run, rows, weight, { transposeB: true })], ([product]) => {
      const shape = [...x.shape.slice(0, -1), axisLength(weight, 0)];
      if (bias === undefined) return [reshape(run, product, shape)];
      return withTensors([addBias(run, product, bias)], ([biased]) => [reshape(run, biased, shape)]);
    }),
  );
};

export const linearInputGradient: TensorflowKernel = (run, inputs) => {
  const [dy, weight] = [inputNamed(inputs, 'dy'), inputNamed(inputs, 'weight')];
  return withTensors([asRows(run, dy)], ([rows]) =>
    withTensors([matMul(run, rows, weight, {})], ([product]) => [
      reshape(run, product, [...dy.shape.slice(0, -1), axisLength(weight, 1)]),
    ]),
  );
};

export const linearWeightGradient: TensorflowKernel = (run, inputs) =>
  withTensors([asRows(run, inputNamed(inputs, 'dy')), asRows(run, inputNamed(inputs, 'x'))], ([dy, x]) => [
    matMul(run, dy, x, { transposeA: true }),
  ]);

export const matrixMultiply: TensorflowKernel = (run, inputs, { transposeA, transposeB }) =>
  run(
    'BatchMatMulV2',
    [inputNamed(inputs, 'a'), inputNamed(inputs, 'b')],
    [
      { name: 'T', dtype: 'float32' },
      { name: 'adj_x', bool: transposeA === true },
      { name: 'adj_y', bool: transposeB === true },
    ],
    1,
  );

function matMul(
  run: RunOp,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  { transposeA = false, transposeB = false },
): tf.Tensor {
  return only(
    run(
      'MatMul',
      [a, b],
      [
        { name: 'T', dtype: 'float32' },
        { name: 'transpose_a', bool: transposeA },
        { name: 'transpose_b', bool: transposeB },
      ],
      1,
    ),
  );
}

function addBias(run: RunOp, x: tf.TensorInfo, bias: tf.TensorInfo): tf.Tensor {
  return only(run('BiasAdd', [x, bias], [{ name: 'T', dtype: 'float32' }], 1));
}

/** `[..., C]` -> `[R, C]`. */
function asRows(run: RunOp, x: tf.TensorInfo): tf.Tensor {
  return reshape(run, x, [rowCount(x), axisLength(x, -1)]);
}

/** Shares the memory of `x`. */
function reshape(run: RunOp, x: tf.TensorInfo, shape: readonly number[]): tf.Tensor {
  const target = tf.tensor1d([...shape], 'int32');
  try {
    return only(
      run(
        'Reshape',
        [x, target],
        [
          { name: 'T', dtype: 'float32' },
          { name: 'Tshape', dtype: 'int32' },
        ],
        1,
      ),
    );
  } finally {
    target.dispose();
  }
}

function only([tensor]: readonly tf.Tensor[]): tf.Tensor {
  if (tensor === undefined) throw new Error('TensorFlow returned no output');
  return tensor;
}
