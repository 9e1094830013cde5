/**
 * Sinusoidal table of Vaswani et al. 2017, `[rows, width]` (spec section 5, 2.3):
 * `PE[t, 2i] = sin(t w_i)`, `PE[t, 2i + 1] = cos(t w_i)`, `w_i = exp(-2i ln(10000) / width)`. Computed in double.
 */
export function positionalEncoding(rows: number, width: number): Float32Array {
  return Float32Array.from({ length: rows * width }, (_, index) => {
    const t = Math.floor(index / width);
    const column = index % width;
    const frequency = Math.exp((-(column - (column % 2)) * Math.log(10_000)) / width);
    return column % 2 === 0 ? Math.sin(t * frequency) : Math.cos(t * frequency);
  });
}
