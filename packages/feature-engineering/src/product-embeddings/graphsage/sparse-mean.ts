import { embeddingLookup, segmentSum } from '@retail-sim/world-model';
import * as tf from '@tensorflow/tfjs';
import type { MeanEntries } from './neighbours.js';

/** Where an engine has no kernel for segment sums, they cost a row of ones and zeros an entry: so many at once. */
const ENTRIES_AT_ONCE = 8192;

/** A sparse matrix on the device; see `MeanEntries`. */
export interface SparseMean {
  readonly rows: number;
  readonly columns: number;
  /** `[E]` int32, `[E]` int32, `[E, 1]`, in parts. */
  readonly parts: readonly { readonly to: tf.Tensor; readonly from: tf.Tensor; readonly weight: tf.Tensor }[];
}

export function sparseMean({ to, from, weight }: MeanEntries, rows: number, columns: number): SparseMean {
  const atOnce = tf.getBackend() === 'wasm' ? Math.max(1, to.length) : ENTRIES_AT_ONCE;
  const parts: SparseMean['parts'][number][] = [];
  for (let start = 0; start < to.length; start += atOnce) {
    const end = Math.min(to.length, start + atOnce);
    parts.push({
      to: tf.tensor1d(to.subarray(start, end), 'int32'),
      from: tf.tensor1d(from.subarray(start, end), 'int32'),
      weight: tf.tensor2d(weight.subarray(start, end), [end - start, 1]),
    });
  }
  return { rows, columns, parts };
}

export function disposeSparseMean({ parts }: SparseMean): void {
  for (const part of parts) tf.dispose([part.to, part.from, part.weight]);
}

/** `matrix x`: x `[columns, C]` -> `[rows, C]`; rows without an entry are zero. The gradient is the transpose. */
export function applySparseMean(matrix: SparseMean, x: tf.Tensor): tf.Tensor {
  const apply = tf.customGrad((input) => ({
    value: gatherAndAdd(matrix, input as tf.Tensor, 'from', 'to', matrix.rows),
    gradFunc: (dy: tf.Tensor) => gatherAndAdd(matrix, dy, 'to', 'from', matrix.columns),
  }));
  return apply(x);
}

function gatherAndAdd(
  { parts }: SparseMean,
  x: tf.Tensor,
  read: 'from' | 'to',
  write: 'from' | 'to',
  rows: number,
): tf.Tensor {
  return tf.tidy(() => {
    let sum: tf.Tensor | undefined;
    for (const part of parts) {
      const entries = embeddingLookup(x, part[read]).mul(part.weight); // [E, C]
      const added = segmentSum(entries, part[write], rows); // [rows, C]
      sum = sum === undefined ? added : sum.add(added);
    }
    return sum ?? tf.zeros([rows, x.shape[1] ?? 0]);
  });
}
