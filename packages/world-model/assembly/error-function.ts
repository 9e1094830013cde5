import { madd } from './fused-multiply-add';

/**
 * erf(x), lane by lane: a rational function of degrees 13 and 8 on |x| <= 4, the one of Eigen's and XLA's float32 erf;
 * 1 - erf(4) is below float32's resolution. Absolute error below 1e-7.
 */
// @ts-ignore: decorator
@inline
export function erf4(x: v128): v128 {
  const z = f32x4.pmax(f32x4.pmin(x, f32x4.splat(4)), f32x4.splat(-4));
  const s = f32x4.mul(z, z);
  let p = madd(s, f32x4.splat(-2.72614225801306e-10), f32x4.splat(2.77068142495902e-8));
  p = madd(p, s, f32x4.splat(-2.10102402082508e-6));
  p = madd(p, s, f32x4.splat(-5.69250639462346e-5));
  p = madd(p, s, f32x4.splat(-7.34990630326855e-4));
  p = madd(p, s, f32x4.splat(-2.954599800854e-3));
  p = madd(p, s, f32x4.splat(-1.60960333262415e-2));
  let q = madd(s, f32x4.splat(-1.45660718464996e-5), f32x4.splat(-2.13374055278905e-4));
  q = madd(q, s, f32x4.splat(-1.68282697438203e-3));
  q = madd(q, s, f32x4.splat(-7.37332916720468e-3));
  q = madd(q, s, f32x4.splat(-1.42647390514189e-2));
  return f32x4.div(f32x4.mul(z, p), q);
}
