import type * as tf from '@tensorflow/tfjs';
import { columnSums } from './column-sums.js';
import { defineKernel, firstOutput, gradientsByName, requiredInput, savedTensor } from './named-kernel.js';
import { axisLength, expectShape, rowCount } from './shapes.js';

/** Spec section 5, 0.4. */
export const LAYER_NORM_EPSILON = 1e-5;

/**
 * Layer normalisation over the last axis with biased variance and affine parameters:
 * `(x - mean) / sqrt(var + 1e-5) * gamma + beta`. x `[..., C]`, gamma and beta `[C]` -> `[..., C]`.
 */
export function layerNorm(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor {
  const channels = axisLength(x, -1);
  expectShape('layerNorm', 'gamma', gamma, [channels]);
  expectShape('layerNorm', 'beta', beta, [channels]);
  return firstOutput(runLayerNorm({ x, gamma, beta }));
}

/** `layerNorm(x + residual)`, the end of a post-norm block, without keeping the sum. Shapes as `layerNorm`. */
export function addLayerNorm(
  x: tf.Tensor,
  residual: tf.Tensor,
  gamma: tf.Tensor,
  beta: tf.Tensor,
): tf.Tensor {
  expectShape('addLayerNorm', 'residual', residual, x.shape);
  return layerNorm(x.add(residual), gamma, beta);
}

const runLayerNorm = defineKernel({
  name: 'LayerNormalization',
  compose: (inputs) => {
    const normalized = normalize(requiredInput(inputs, 'x')).normalized;
    return [normalized.mul(requiredInput(inputs, 'gamma')).add(requiredInput(inputs, 'beta'))];
  },
  gradient: {
    inputsToSave: ['x', 'gamma'],
    backward: (dy, saved) =>
      gradientsByName(
        ['x', 'gamma', 'beta'],
        runLayerNormGradient({ dy, x: savedTensor(saved, 0), gamma: savedTensor(saved, 1) }),
      ),
  },
});

const runLayerNormGradient = defineKernel({
  name: 'LayerNormalizationGradient',
  compose: (inputs) => {
    const dy = requiredInput(inputs, 'dy');
    const { normalized, inverseDeviation } = normalize(requiredInput(inputs, 'x'));
    // With g = dy gamma: dx = (g - mean(g) - xhat mean(g xhat)) / sigma.
    const g = dy.mul(requiredInput(inputs, 'gamma'));
    const projection = normalized.mul(g.mul(normalized).mean(-1, true));
    const dx = g.sub(g.mean(-1, true)).sub(projection).mul(inverseDeviation);
    return [dx, columnSums(dy.mul(normalized)), columnSums(dy)];
  },
});

function normalize(x: tf.Tensor): { normalized: tf.Tensor; inverseDeviation: tf.Tensor } {
  const rows = x.reshape([rowCount(x), axisLength(x, -1)]); // [R, C]
  const centred = rows.sub(rows.mean(-1, true));
  const inverseDeviation = centred.square().mean(-1, true).add(LAYER_NORM_EPSILON).rsqrt(); // [R, 1]
  return {
    normalized: centred.mul(inverseDeviation).reshape(x.shape),
    inverseDeviation: inverseDeviation.reshape([...x.shape.slice(0, -1), 1]),
  };
}
