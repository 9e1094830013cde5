import { namedNormals } from '@retail-sim/random';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { blockProduct, gramMatrix } from './dense-block.js';
import { nearlyOrthonormalColumns, orthonormalColumns } from './orthonormal-columns.js';
import { multiply, type SymmetricMatrix } from './symmetric-matrix.js';

/** Columns beyond those asked for; they make the last ones converge (Halko, Martinsson and Tropp 2011). */
const OVERSAMPLING = 16;

export interface LeadingEigenvectors {
  /** K: as many as asked for; those beyond the size of the matrix are zero. */
  readonly rank: number;
  /** Descending by size, `[K]`. */
  readonly values: Float64Array;
  /** `[size, K]`, row-major; the entry of each column that is largest in size is positive. */
  readonly vectors: Float64Array;
}

export interface EigenvectorOptions {
  readonly rank: number;
  readonly seed: number;
  /** Multiplications by the matrix before the projection. */
  readonly iterations: number;
  /** Vectors of a similar matrix, to start from instead of random ones. */
  readonly start?: LeadingEigenvectors;
}

/**
 * The eigenvectors of the eigenvalues that are largest in size, which are the singular vectors of a symmetric matrix:
 * subspace iteration from a seeded Gaussian block, orthonormalised after every multiplication, then Rayleigh-Ritz
 * (Halko, Martinsson and Tropp 2011, algorithms 4.4 and 5.3). Deterministic; one thread.
 */
export function leadingEigenvectors(
  matrix: SymmetricMatrix,
  options: EigenvectorOptions,
): LeadingEigenvectors {
  const { size } = matrix;
  const { rank, iterations } = options;
  const width = Math.min(size, rank + OVERSAMPLING);
  let block = startBlock(size, width, options);
  for (let iteration = 0; iteration < iterations; iteration += 1) {
    block = multiply(matrix, nearlyOrthonormalColumns(block, size, width), width);
  }
  const basis = orthonormalColumns(block, size, width);
  const projected = gramMatrix(basis, multiply(matrix, basis, width), size, width); // [width, width]
  const { values, vectors } = denseEigenvectors(projected, width);
  const order = Array.from(values.keys()).sort(
    (a, b) => Math.abs(values[b] ?? 0) - Math.abs(values[a] ?? 0) || a - b,
  );
  // Columns beyond the width of a small matrix stay zero.
  const rotation = new Float64Array(width * rank);
  const found = new Float64Array(rank);
  order.slice(0, rank).forEach((column, k) => {
    found[k] = values[column] ?? 0;
    for (let i = 0; i < width; i += 1) rotation[i * rank + k] = vectors.get(i, column);
  });
  const rotated = blockProduct(basis, rotation, size, width, rank); // [size, K]
  fixSigns(rotated, size, rank);
  return { rank, values: found, vectors: rotated };
}

function startBlock(size: number, width: number, { seed, start }: EigenvectorOptions): Float64Array {
  // Section 3, A.6: one stream of normals, filled row by row.
  const block = namedNormals(`${seed}:svd:0`, size * width);
  if (start === undefined) return block;
  const known = Math.min(start.rank, width);
  for (let row = 0; row < size; row += 1) {
    for (let k = 0; k < known; k += 1) block[row * width + k] = start.vectors[row * start.rank + k] ?? 0;
  }
  return block;
}

function denseEigenvectors(matrix: Float64Array, width: number) {
  if (width === 0) return { values: [], vectors: new Matrix(0, 0) };
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(
    Matrix.from1DArray(width, width, matrix),
    { assumeSymmetric: true },
  );
  return { values: realEigenvalues, vectors: eigenvectorMatrix };
}

/** The sign of an eigenvector is arbitrary: the entry that is largest in size, the first of equals, becomes positive. */
function fixSigns(vectors: Float64Array, rows: number, width: number): void {
  for (let k = 0; k < width; k += 1) {
    let largest = 0;
    for (let row = 0; row < rows; row += 1) {
      const value = vectors[row * width + k] ?? 0;
      if (Math.abs(value) > Math.abs(largest)) largest = value;
    }
    if (largest >= 0) continue;
    for (let row = 0; row < rows; row += 1) vectors[row * width + k] = -(vectors[row * width + k] ?? 0);
  }
}
