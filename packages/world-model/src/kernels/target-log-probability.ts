import * as tf from '@tensorflow/tfjs';
import { oneHotRows } from './embedding-lookup.js';
import { defineKernel, firstOutput, requiredInput, savedTensor } from './named-kernel.js';
import { axisLength, expectShape, rowCount } from './shapes.js';

/**
 * Log-probability of one class per row: `log_softmax(logits)[target]`; logits `[..., V]`, targets int32 `[...]` in
 * 0..V-1 -> `[...]`. Cross-entropy is its negative; the focal loss is a function of it (spec section 5, 5.1).
 * Neither the softmax nor its logarithm is kept for the gradient.
 */
export function targetLogProbability(logits: tf.Tensor, targets: tf.Tensor): tf.Tensor {
  expectShape('targetLogProbability', 'targets', targets, logits.shape.slice(0, -1));
  return firstOutput(runTargetLogProbability({ logits, targets }));
}

const runTargetLogProbability = defineKernel({
  name: 'TargetLogProbability',
  compose: (inputs) => {
    const logits = requiredInput(inputs, 'logits');
    const targets = requiredInput(inputs, 'targets');
    return [targetRows(logits, targets).mul(tf.logSoftmax(logits)).sum(-1)];
  },
  gradient: {
    inputsToSave: ['logits', 'targets'],
    backward: (dy, saved) => ({
      logits: () =>
        firstOutput(
          runTargetLogProbabilityGradient({
            dy,
            logits: savedTensor(saved, 0),
            targets: savedTensor(saved, 1),
          }),
        ),
    }),
  },
});

/** dlogits = dy (onehot - softmax). */
const runTargetLogProbabilityGradient = defineKernel({
  name: 'TargetLogProbabilityGradient',
  compose: (inputs) => {
    const logits = requiredInput(inputs, 'logits');
    const dy = requiredInput(inputs, 'dy');
    const onehot = targetRows(logits, requiredInput(inputs, 'targets'));
    return [onehot.sub(tf.softmax(logits)).mul(dy.expandDims(-1))];
  },
});

/** One-hot rows of the targets in the shape of the logits. */
function targetRows(logits: tf.Tensor, targets: tf.Tensor): tf.Tensor {
  return oneHotRows(targets.reshape([rowCount(logits)]), axisLength(logits, -1)).reshape(logits.shape);
}
