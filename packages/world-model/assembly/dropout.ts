import { loadPartial, storePartial } from './partial-vectors';

/**
 * Elements begin..end-1: x scaled where the counter generator's 32 bits reach `threshold` = ceil(rate 2^32), else 0.
 * `counterStart` is the counter of element 0.
 */
export function dropout(
  x: usize, y: usize, seed: u32, threshold: u32, scale: f32, counterStart: u32, begin: usize, end: usize,
): void {
  let i = begin;
  for (; i + 4 <= end; i += 4) {
    const kept = keptLanes(seed, threshold, counterStart + <u32>i);
    v128.store(y + i * 4, v128.and(f32x4.mul(v128.load(x + i * 4), f32x4.splat(scale)), kept));
  }
  if (i < end) {
    const kept = keptLanes(seed, threshold, counterStart + <u32>i);
    storePartial(y + i * 4, v128.and(f32x4.mul(loadPartial(x + i * 4, end - i), f32x4.splat(scale)), kept), end - i);
  }
}

/** All bits set where the element stays; the generator is counterUniform of @retail-sim/random. */
// @ts-ignore: decorator
@inline
function keptLanes(seed: u32, threshold: u32, counter: u32): v128 {
  const index = i32x4.add(i32x4.splat(counter), i32x4(0, 1, 2, 3));
  let bits = i32x4.add(i32x4.splat(seed), i32x4.mul(index, i32x4.splat(0x9e3779b9)));
  bits = i32x4.mul(v128.xor(bits, i32x4.shr_u(bits, 16)), i32x4.splat(0x85ebca6b));
  bits = i32x4.mul(v128.xor(bits, i32x4.shr_u(bits, 13)), i32x4.splat(0xc2b2ae35));
  bits = v128.xor(bits, i32x4.shr_u(bits, 16));
  return i32x4.ge_u(bits, i32x4.splat(threshold));
}

