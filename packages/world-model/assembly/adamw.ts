import { madd } from './fused-multiply-add';

/** One AdamW step in place on elements begin..end-1; the formula and its names are in src/kernels/adamw.ts. */
export function adamW(
  parameter: usize, gradient: usize, firstMoment: usize, secondMoment: usize,
  keep: f32, stepSize: f32, secondMomentScale: f32, beta1: f32, beta2: f32, rest1: f32, rest2: f32, epsilon: f32,
  gradientScale: f32, begin: usize, end: usize,
): void {
  let i = begin;
  for (; i + 4 <= end; i += 4) {
    const at = i * 4;
    const g = f32x4.mul(v128.load(gradient + at), f32x4.splat(gradientScale));
    const m = madd(v128.load(firstMoment + at), f32x4.splat(beta1), f32x4.mul(g, f32x4.splat(rest1)));
    const v = madd(
      v128.load(secondMoment + at), f32x4.splat(beta2), f32x4.mul(f32x4.mul(g, g), f32x4.splat(rest2)),
    );
    v128.store(firstMoment + at, m);
    v128.store(secondMoment + at, v);
    const denominator = madd(f32x4.sqrt(v), f32x4.splat(secondMomentScale), f32x4.splat(epsilon));
    const change = f32x4.mul(f32x4.div(m, denominator), f32x4.splat(stepSize));
    v128.store(parameter + at, f32x4.sub(f32x4.mul(v128.load(parameter + at), f32x4.splat(keep)), change));
  }
  for (; i < end; i++) {
    const at = i * 4;
    const g = load<f32>(gradient + at) * gradientScale;
    const m = load<f32>(firstMoment + at) * beta1 + g * rest1;
    const v = load<f32>(secondMoment + at) * beta2 + g * g * rest2;
    store<f32>(firstMoment + at, m);
    store<f32>(secondMoment + at, v);
    const change = (m / (sqrt<f32>(v) * secondMomentScale + epsilon)) * stepSize;
    store<f32>(parameter + at, load<f32>(parameter + at) * keep - change);
  }
}

/** parts[block] (float64) = sum of squares of the block's elements, blocks begin..end-1 of `blockLength` elements. */
export function sumOfSquares(x: usize, parts: usize, count: usize, blockLength: usize, begin: usize, end: usize): void {
  for (let block = begin; block < end; block++) {
    const last = min((block + 1) * blockLength, count);
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    let i = block * blockLength;
    for (; i + 4 <= last; i += 4) {
      const v = v128.load(x + i * 4);
      const a = f64x2.promote_low_f32x4(v);
      const b = f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
      low = f64x2.add(low, f64x2.mul(a, a));
      high = f64x2.add(high, f64x2.mul(b, b));
    }
    const sums = f64x2.add(low, high);
    let total = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
    for (; i < last; i++) total += <f64>load<f32>(x + i * 4) * <f64>load<f32>(x + i * 4);
    store<f64>(parts + block * 8, total);
  }
}
