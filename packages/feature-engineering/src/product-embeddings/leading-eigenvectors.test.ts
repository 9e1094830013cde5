import { keyedStream } from '@retail-sim/random';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { expect, test } from 'vitest';
import { leadingEigenvectors } from './leading-eigenvectors.js';
import { type SymmetricMatrix, symmetricMatrix } from './symmetric-matrix.js';

/** A seeded matrix with about `share` of its pairs filled. */
function randomMatrix(size: number, share: number): SymmetricMatrix {
  const stream = keyedStream(1, 'matrix', size);
  const pairs: [number, number, number][] = [];
  for (let second = 1; second < size; second += 1) {
    for (let first = 0; first < second; first += 1) {
      if (stream.uniform() < share) pairs.push([first, second, 3 * stream.uniform()]);
    }
  }
  const column = (at: 0 | 1 | 2) => pairs.map((pair) => pair[at]);
  return symmetricMatrix(
    size,
    Uint32Array.from(column(0)),
    Uint32Array.from(column(1)),
    Float64Array.from(column(2)),
  );
}

function dense({ size, offsets, columns, values }: SymmetricMatrix): Matrix {
  const matrix = Matrix.zeros(size, size);
  for (let row = 0; row < size; row += 1) {
    for (let at = offsets[row] ?? 0; at < (offsets[row + 1] ?? 0); at += 1) {
      matrix.set(row, columns[at] ?? 0, values[at] ?? 0);
    }
  }
  return matrix;
}

const settings = { seed: 42, iterations: 4 } as const;

test('finds the eigenvalues of a small matrix that a dense solver finds, largest in size first', () => {
  const matrix = randomMatrix(40, 0.3);
  const expected = new EigenvalueDecomposition(dense(matrix), { assumeSymmetric: true }).realEigenvalues
    .map(Math.abs)
    .sort((a, b) => b - a);
  // The block holds all 40 columns, so the projection is exact.
  const { values } = leadingEigenvectors(matrix, { ...settings, rank: 30 });
  for (let k = 0; k < 30; k += 1) expect(Math.abs(values[k] ?? 0)).toBeCloseTo(expected[k] ?? 0, 9);
});

test('vectors have norm 1, stand upright on each other, and M v is lambda v', () => {
  const matrix = randomMatrix(300, 0.1);
  const rank = 4;
  const { values, vectors } = leadingEigenvectors(matrix, { ...settings, rank, iterations: 150 });
  const v = Matrix.from1DArray(300, rank, vectors);
  const gram = v.transpose().mmul(v);
  const product = dense(matrix).mmul(v);
  for (let i = 0; i < rank; i += 1) {
    for (let j = 0; j < rank; j += 1) expect(gram.get(i, j)).toBeCloseTo(i === j ? 1 : 0, 9);
    const column = product.getColumn(i);
    const error = Math.hypot(...column.map((value, row) => value - (values[i] ?? 0) * v.get(row, i)));
    expect(error).toBeLessThan(1e-3 * Math.abs(values[i] ?? 0));
  }
});

test('the entry of a vector that is largest in size is positive', () => {
  const { vectors } = leadingEigenvectors(randomMatrix(100, 0.2), { ...settings, rank: 20 });
  for (let k = 0; k < 20; k += 1) {
    const column = Array.from({ length: 100 }, (_, row) => vectors[row * 20 + k] ?? 0);
    const largest = column.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
    expect(largest).toBeGreaterThan(0);
  }
});

test('the same matrix and seed give the same bytes', () => {
  const matrix = randomMatrix(100, 0.2);
  const run = () => leadingEigenvectors(matrix, { ...settings, rank: 20 }).vectors;
  expect(run()).toEqual(run());
});

test('a matrix of rank 2 has two vectors; the others are zero', () => {
  // One pair: eigenvalues +2 and -2, and nothing else.
  const matrix = symmetricMatrix(30, Uint32Array.of(3), Uint32Array.of(7), Float64Array.of(2));
  const { values } = leadingEigenvectors(matrix, { ...settings, rank: 10 });
  expect(Array.from(values, (value) => Math.round(1e9 * Math.abs(value)) / 1e9)).toEqual([
    2, 2, 0, 0, 0, 0, 0, 0, 0, 0,
  ]);
});

test.each([0, 1, 2])('a matrix of %i rows without entries has no vectors', (size) => {
  const none = new Uint32Array(0);
  const matrix = symmetricMatrix(size, none, none, new Float64Array(0));
  const { values, vectors } = leadingEigenvectors(matrix, { ...settings, rank: 8 });
  expect(Array.from(values)).toEqual(Array(8).fill(0));
  expect(vectors).toHaveLength(8 * size);
  expect(vectors.every(Number.isFinite)).toBe(true);
});
