/**
 * target[c] = sum over rows of source[r * rowStride + c], rows in order, columns begin..end-1: the sum of equally laid
 * out parts, or the gradient of a bias.
 */
export function sumRows(source: usize, rowStride: usize, rows: usize, target: usize, begin: usize, end: usize): void {
  memory.fill(target + begin * 4, 0, (end - begin) * 4);
  for (let r: usize = 0; r < rows; r++) {
    const from = source + r * rowStride * 4;
    let c = begin;
    for (; c + 4 <= end; c += 4) {
      v128.store(target + c * 4, f32x4.add(v128.load(target + c * 4), v128.load(from + c * 4)));
    }
    for (; c < end; c++) store<f32>(target + c * 4, load<f32>(target + c * 4) + load<f32>(from + c * 4));
  }
}
