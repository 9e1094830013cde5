import * as tf from '@tensorflow/tfjs';
import { defineKernel, firstOutput, requiredInput, savedTensor } from './named-kernel.js';
import { axisLength, expectShape, sizeOf } from './shapes.js';

/**
 * Rows of a table: table `[V, C]`, ids int32 `[...]` -> `[..., C]`. The gradient is a segment sum over equal ids;
 * ids are not differentiable and must lie in 0..V-1.
 */
export function embeddingLookup(table: tf.Tensor, ids: tf.Tensor): tf.Tensor {
  expectShape('embeddingLookup', 'table', table, ['any', 'any']);
  return firstOutput(runEmbeddingLookup({ table, ids }, { tableRows: axisLength(table, 0) }));
}

/**
 * Time steps of each sequence: x `[B, L, C]`, positions int32 `[B, M]` in 0..L-1 -> `[B, M, C]`.
 * Equal positions may repeat; their gradients add up.
 */
export function gatherSteps(x: tf.Tensor, positions: tf.Tensor): tf.Tensor {
  expectShape('gatherSteps', 'x', x, ['any', 'any', 'any']);
  const [batch, length, channels] = [axisLength(x, 0), axisLength(x, 1), axisLength(x, 2)];
  expectShape('gatherSteps', 'positions', positions, [batch, 'any']);
  const firstRow = tf.range(0, batch, 1, 'int32').mul(tf.scalar(length, 'int32')).reshape([batch, 1]);
  return embeddingLookup(x.reshape([batch * length, channels]), positions.add(firstRow)); // [B, M, C]
}

/** Sum of rows by segment: values `[..., C]`, ids int32 `[...]` -> `[V, C]`. Not differentiable. */
export function segmentSum(values: tf.Tensor, ids: tf.Tensor, segments: number): tf.Tensor {
  return firstOutput(runSegmentSum({ values, ids }, { segments }));
}

const runEmbeddingLookup = defineKernel({
  name: 'EmbeddingLookup',
  compose: (inputs) => [tf.gather(requiredInput(inputs, 'table'), requiredInput(inputs, 'ids').toInt())],
  gradient: {
    inputsToSave: ['ids'],
    backward: (dy, saved, { tableRows }) => ({
      table: () => segmentSum(dy, savedTensor(saved, 0), Number(tableRows)),
    }),
  },
});

const runSegmentSum = defineKernel({
  name: 'SegmentSum',
  compose: (inputs, { segments }) => {
    const values = requiredInput(inputs, 'values');
    const ids = requiredInput(inputs, 'ids');
    const rows = sizeOf(ids.shape);
    // The wasm backend has no UnsortedSegmentSum: a one-hot product does the same everywhere.
    const membership = oneHotRows(ids.reshape([rows]), Number(segments)); // [R, V]
    return [tf.matMul(membership, values.reshape([rows, axisLength(values, -1)]), true, false)]; // [V, C]
  },
});

/** ids `[R]` -> float32 `[R, V]` with a one at each row's id; unlike `tf.oneHot` also for one class. */
export function oneHotRows(ids: tf.Tensor, classes: number): tf.Tensor {
  return tf.equal(ids.toInt().reshape([ids.size, 1]), tf.range(0, classes, 1, 'int32')).toFloat();
}
