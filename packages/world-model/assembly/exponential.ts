import { madd } from './fused-multiply-add';

const LOG2_E: f32 = 1.4426950408889634;
/** Bounds that keep 2^k a normal float32. */
const LOWEST: f32 = -87.3;
const HIGHEST: f32 = 88.3;
/** 1.5 x 2^23: adding it rounds to the nearest integer and leaves that integer in the low mantissa bits. */
const ROUNDING: f32 = 12582912;

/**
 * exp(x), lane by lane, as 2^k 2^r with |r| <= 1/2; the polynomial's coefficients are ln(2)^i / i!
 * (spec section 5, 11.5). Results outside float32's normal range saturate; NaN stays NaN.
 */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  return expAbove4(f32x4.pmin(x, f32x4.splat(HIGHEST)));
}

/** exp(x) for x <= 0, which needs one bound only. */
// @ts-ignore: decorator
@inline
export function expNonPositive4(x: v128): v128 {
  return expAbove4(x);
}

// @ts-ignore: decorator
@inline
function expAbove4(x: v128): v128 {
  const bounded = f32x4.pmax(x, f32x4.splat(LOWEST));
  const shifted = madd(bounded, f32x4.splat(LOG2_E), f32x4.splat(ROUNDING));
  const k = f32x4.sub(shifted, f32x4.splat(ROUNDING));
  const r = madd(bounded, f32x4.splat(LOG2_E), f32x4.neg(k));
  let p = madd(f32x4.splat(1.5403530393381609e-4), r, f32x4.splat(1.3333558146428443e-3));
  p = madd(p, r, f32x4.splat(9.618129107628477e-3));
  p = madd(p, r, f32x4.splat(5.550410866482158e-2));
  p = madd(p, r, f32x4.splat(2.402265069591007e-1));
  p = madd(p, r, f32x4.splat(6.931471805599453e-1));
  p = madd(p, r, f32x4.splat(1));
  return i32x4.add(p, i32x4.shl(shifted, 23));
}
