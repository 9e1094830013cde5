import type * as tf from '@tensorflow/tfjs';
import { columnSums } from '../column-sums.js';
import { LAYER_NORM_EPSILON } from '../layer-normalization.js';
import { type KernelInputs, requiredInput } from '../named-kernel.js';
import { axisLength, rowCount } from '../shapes.js';
import { runWebgpuProgram } from './webgpu-program.js';

/** Threads of a group, which computes one row. */
const THREADS = 64;

export function layerNorm(inputs: KernelInputs): tf.Tensor[] {
  const names = ['x', 'gamma', 'beta'];
  return [rowProgram('layer norm', inputs, names, '', 'normalized * gamma[column] + beta[column]')];
}

export function layerNormGradient(inputs: KernelInputs): tf.Tensor[] {
  const dy = requiredInput(inputs, 'dy');
  const names = ['x', 'dy', 'gamma'];
  // With g = dy gamma: dx = (g - mean(g) - xhat mean(g xhat)) / sigma.
  const dx = rowProgram(
    'layer norm gradient',
    inputs,
    names,
    `var gSum = 0.0;
     var projectionSum = 0.0;
     for (var column = thread; column < COLUMNS; column += THREADS) {
       let g = dy[first + column] * gamma[column];
       gSum += g;
       projectionSum += g * (x[first + column] - mean) * inverse;
     }
     let gMean = sumOfGroup(gSum, thread) / f32(COLUMNS);
     let projection = sumOfGroup(projectionSum, thread) / f32(COLUMNS);`,
    '(dy[first + column] * gamma[column] - gMean - normalized * projection) * inverse',
  );
  const weighted = rowProgram(
    'layer norm dgamma',
    inputs,
    ['x', 'dy'],
    '',
    'normalized * dy[first + column]',
  );
  return [dx, columnSums(weighted), columnSums(dy)];
}

/** A shader with mean, inverse deviation and `normalized` of each row of x at hand; `value` is an element of its output. */
function rowProgram(
  key: string,
  inputs: KernelInputs,
  names: readonly string[],
  prepare: string,
  value: string,
): tf.Tensor {
  const x = requiredInput(inputs, 'x');
  const columns = axisLength(x, -1);
  const rows = rowCount(x);
  return runWebgpuProgram(
    {
      key: `${key} ${columns}`,
      uniforms: { rows },
      inputs: names,
      outputLength: x.size,
      groups: rows,
      threads: THREADS,
      code: `
        const COLUMNS = ${columns};
        const THREADS = ${THREADS};
        var<workgroup> parts : array<f32, ${THREADS}>;

        fn sumOfGroup(part : f32, thread : i32) -> f32 {
          parts[thread] = part;
          workgroupBarrier();
          var sum = 0.0;
          for (var i = 0; i < THREADS; i++) { sum += parts[i]; }
          workgroupBarrier();
          return sum;
        }

        fn main(index : i32) {
          let thread = i32(localIndex);
          let row = min(index / THREADS, uniforms.rows - 1);
          let first = row * COLUMNS;
          var part = 0.0;
          for (var column = thread; column < COLUMNS; column += THREADS) { part += x[first + column]; }
          let mean = sumOfGroup(part, thread) / f32(COLUMNS);
          part = 0.0;
          for (var column = thread; column < COLUMNS; column += THREADS) {
            let centred = x[first + column] - mean;
            part += centred * centred;
          }
          let inverse = 1.0 / sqrt(sumOfGroup(part, thread) / f32(COLUMNS) + ${LAYER_NORM_EPSILON});
          ${prepare}
          for (var column = thread; column < COLUMNS; column += THREADS) {
            let normalized = (x[first + column] - mean) * inverse;
            result[first + column] = ${value};
          }
        }`,
    },
    names.map((name) => requiredInput(inputs, name)),
  ).reshape(x.shape);
}
