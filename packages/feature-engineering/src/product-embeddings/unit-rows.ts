/** Rows shorter than this have no direction. */
const SHORTEST = 1e-12;

/** Copies rows `[rows, width]` divided by their length; rows without a direction become zero. */
export function unitRows(vectors: Float32Array | Float64Array, width: number): Float32Array {
  const units = new Float32Array(vectors.length);
  for (let from = 0; from < vectors.length; from += width) {
    const length = rowLength(vectors, from, width);
    if (length < SHORTEST) continue;
    for (let k = from; k < from + width; k += 1) units[k] = (vectors[k] ?? 0) / length;
  }
  return units;
}

/** L2 norm of `vectors[from]` up to `vectors[from + width]`. */
export function rowLength(vectors: Float32Array | Float64Array, from: number, width: number): number {
  let squares = 0;
  for (let k = from; k < from + width; k += 1) squares += (vectors[k] ?? 0) ** 2;
  return Math.sqrt(squares);
}

/** Scalar product of two rows. */
export function rowProduct(
  vectors: Float32Array | Float64Array,
  a: number,
  b: number,
  width: number,
): number {
  let sum = 0;
  for (let k = 0; k < width; k += 1) sum += (vectors[a * width + k] ?? 0) * (vectors[b * width + k] ?? 0);
  return sum;
}
