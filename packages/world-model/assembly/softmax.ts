import { exp4 } from './exponential';
import { laneSum, loadPartial, storePartial } from './partial-vectors';

/** Largest of `count` >= 1 floats. */
export function rowMaximum(x: usize, count: usize): f32 {
  let largest = load<f32>(x);
  let i: usize = 0;
  if (count >= 4) {
    let v = v128.load(x);
    for (i = 4; i + 4 <= count; i += 4) v = f32x4.max(v, v128.load(x + i * 4));
    v = f32x4.max(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
    v = f32x4.max(v, v128.shuffle<f32>(v, v, 1, 0, 3, 2));
    largest = f32x4.extract_lane(v, 0);
  }
  for (; i < count; i++) largest = max<f32>(largest, load<f32>(x + i * 4));
  return largest;
}

/** y = exp(x - largest), which may be x itself; returns the sum. */
export function exponentials(x: usize, y: usize, largest: f32, count: usize): f32 {
  const shift = f32x4.splat(largest);
  let sum = f32x4.splat(0);
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    const e = exp4(f32x4.sub(v128.load(x + i * 4), shift));
    v128.store(y + i * 4, e);
    sum = f32x4.add(sum, e);
  }
  let total = laneSum(sum);
  if (i < count) {
    const e = exp4(f32x4.sub(loadPartial(x + i * 4, count - i), shift));
    storePartial(y + i * 4, e, count - i);
    total += f32x4.extract_lane(e, 0);
    if (count - i > 1) total += f32x4.extract_lane(e, 1);
    if (count - i > 2) total += f32x4.extract_lane(e, 2);
  }
  return total;
}

/** x *= factor. */
export function scale(x: usize, factor: f32, count: usize): void {
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) v128.store(x + i * 4, f32x4.mul(v128.load(x + i * 4), f32x4.splat(factor)));
  for (; i < count; i++) store<f32>(x + i * 4, load<f32>(x + i * 4) * factor);
}
