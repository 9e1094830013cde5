import { addFour } from './dense-block.js';

/** A sparse symmetric matrix with a zero diagonal, in compressed rows; both halves are stored. */
export interface SymmetricMatrix {
  /** Rows, and columns. */
  readonly size: number;
  /** `[size + 1]`: row `i` owns entries `offsets[i]` up to `offsets[i + 1]`. */
  readonly offsets: Uint32Array;
  /** Column of each entry, ascending in a row. */
  readonly columns: Uint32Array;
  readonly values: Float64Array;
}

/** The matrix with `values[i]` at (first[i], second[i]) and its mirror; zeros are not stored. */
export function symmetricMatrix(
  size: number,
  first: Uint32Array,
  second: Uint32Array,
  values: Float64Array,
): SymmetricMatrix {
  const offsets = new Uint32Array(size + 1);
  values.forEach((value, pair) => {
    if (value === 0) return;
    for (const end of [first[pair] ?? 0, second[pair] ?? 0]) offsets[end + 1] = (offsets[end + 1] ?? 0) + 1;
  });
  for (let row = 0; row < size; row += 1) offsets[row + 1] = (offsets[row + 1] ?? 0) + (offsets[row] ?? 0);
  const next = offsets.slice();
  const columns = new Uint32Array(offsets[size] ?? 0);
  const entries = new Float64Array(columns.length);
  const put = (row: number, column: number, value: number) => {
    const at = next[row] ?? 0;
    columns[at] = column;
    entries[at] = value;
    next[row] = at + 1;
  };
  // Pairs ascend by second, then first: the smaller columns of a row come first, the larger ones after them.
  values.forEach((value, pair) => {
    if (value !== 0) put(second[pair] ?? 0, first[pair] ?? 0, value);
  });
  values.forEach((value, pair) => {
    if (value !== 0) put(first[pair] ?? 0, second[pair] ?? 0, value);
  });
  return { size, offsets, columns, values: entries };
}

/** M X: block `[size, width]`, row-major -> `[size, width]`. */
export function multiply(
  { size, offsets, columns, values }: SymmetricMatrix,
  block: Float64Array,
  width: number,
): Float64Array {
  const product = new Float64Array(size * width);
  for (let row = 0; row < size; row += 1) {
    const sums = product.subarray(row * width, (row + 1) * width);
    const end = offsets[row + 1] ?? 0;
    const value = (at: number) => (at < end ? (values[at] ?? 0) : 0);
    const from = (at: number) => (at < end ? (columns[at] ?? 0) * width : 0);
    for (let at = offsets[row] ?? 0; at < end; at += 4) {
      addFour(
        sums,
        block,
        width,
        value(at),
        from(at),
        value(at + 1),
        from(at + 1),
        value(at + 2),
        from(at + 2),
        value(at + 3),
        from(at + 3),
      );
    }
  }
  return product;
}
