// The last one to three elements of a row: vectors must not read or write past an allocation.

/** `count` (1..3) floats at `source`, zeros behind. */
export function loadPartial(source: usize, count: usize): v128 {
  let v = v128.load32_zero(source);
  if (count > 1) v = f32x4.replace_lane(v, 1, load<f32>(source, 4));
  if (count > 2) v = f32x4.replace_lane(v, 2, load<f32>(source, 8));
  return v;
}

export function storePartial(target: usize, v: v128, count: usize): void {
  v128.store_lane<f32>(target, v, 0);
  if (count > 1) v128.store_lane<f32>(target, v, 1, 4);
  if (count > 2) v128.store_lane<f32>(target, v, 2, 8);
}

// @ts-ignore: decorator
@inline
export function laneSum(v: v128): f32 {
  const pairs = f32x4.add(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.add(pairs, v128.shuffle<f32>(pairs, pairs, 1, 0, 3, 2)), 0);
}
