/** Rows begin..end-1: out[r] = table[ids[r]], rows of `width` floats. The ids are checked by the caller. */
export function lookUpRows(table: usize, ids: usize, out: usize, width: usize, begin: usize, end: usize): void {
  for (let r = begin; r < end; r++) {
    memory.copy(out + r * width * 4, table + <usize>load<u32>(ids + r * 4) * width * 4, width * 4);
  }
}

/** Columns begin..end-1 of out [V, C] = sum of the rows of values [R, C] with that id, in the order of the rows. */
export function segmentSum(
  values: usize, ids: usize, out: usize, rows: usize, segments: usize, width: usize, begin: usize, end: usize,
): void {
  for (let s: usize = 0; s < segments; s++) memory.fill(out + (s * width + begin) * 4, 0, (end - begin) * 4);
  for (let r: usize = 0; r < rows; r++) {
    const from = values + r * width * 4;
    const to = out + <usize>load<u32>(ids + r * 4) * width * 4;
    let c = begin;
    for (; c + 4 <= end; c += 4) v128.store(to + c * 4, f32x4.add(v128.load(to + c * 4), v128.load(from + c * 4)));
    for (; c < end; c++) store<f32>(to + c * 4, load<f32>(to + c * 4) + load<f32>(from + c * 4));
  }
}
