import { blockProduct, gramMatrix } from './dense-block.js';

/** Pivots below this share of the largest count as linear dependence: rounding of a Gram matrix in double precision. */
const DEPENDENT = 1e-13;

/**
 * Replaces the columns of a block `[rows, width]`, row-major, by an orthonormal basis of what they span: Cholesky QR,
 * twice, which is as good as Householder for blocks whose condition is below 1e8 (Yamamoto et al. 2015). Columns that
 * depend on earlier ones become zero.
 */
export function orthonormalColumns(block: Float64Array, rows: number, width: number): Float64Array {
  return nearlyOrthonormalColumns(nearlyOrthonormalColumns(block, rows, width), rows, width);
}

/** One Cholesky QR: columns far from parallel, as an iteration needs them to go on. */
export function nearlyOrthonormalColumns(block: Float64Array, rows: number, width: number): Float64Array {
  const inverse = inverseFactor(upperCholesky(gramMatrix(block, block, rows, width), width), width);
  return blockProduct(block, inverse, rows, width, width);
}

/** R with R^T R = gram, upper triangular; rows of dependent columns are zero. */
function upperCholesky(gram: Float64Array, width: number): Float64Array {
  const r = gram.slice();
  let largest = 0;
  for (let i = 0; i < width; i += 1) largest = Math.max(largest, r[i * width + i] ?? 0);
  for (let i = 0; i < width; i += 1) {
    const row = i * width;
    const pivot = r[row + i] ?? 0;
    const scale = pivot > largest * DEPENDENT ? 1 / Math.sqrt(pivot) : 0;
    for (let j = 0; j < i; j += 1) r[row + j] = 0;
    for (let j = i; j < width; j += 1) r[row + j] = (r[row + j] ?? 0) * scale;
    for (let below = i + 1; below < width; below += 1) {
      const factor = r[row + below] ?? 0;
      if (factor === 0) continue;
      const at = below * width;
      for (let j = below; j < width; j += 1) r[at + j] = (r[at + j] ?? 0) - factor * (r[row + j] ?? 0);
    }
  }
  return r;
}

/** R^-1 by back substitution, upper triangular; rows and columns without a pivot are zero. */
function inverseFactor(r: Float64Array, width: number): Float64Array {
  const inverse = new Float64Array(width * width);
  for (let i = width - 1; i >= 0; i -= 1) {
    const pivot = r[i * width + i] ?? 0;
    if (pivot === 0) continue;
    const row = i * width;
    inverse[row + i] = 1 / pivot;
    for (let j = i + 1; j < width; j += 1) {
      const factor = (r[row + j] ?? 0) / pivot;
      if (factor === 0) continue;
      const from = j * width;
      for (let k = j; k < width; k += 1) {
        inverse[row + k] = (inverse[row + k] ?? 0) - factor * (inverse[from + k] ?? 0);
      }
    }
  }
  return inverse;
}
