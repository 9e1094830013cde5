// Element-wise ops over elements begin..end-1; their formulas are in the files of the same ops under src/kernels.

import { erf4 } from './error-function';
import { exp4, expNonPositive4 } from './exponential';
import { madd } from './fused-multiply-add';
import { loadPartial, storePartial } from './partial-vectors';

const GELU = 0;
const SILU = 1;
const SOFTPLUS = 2;
const GELU_GRADIENT = 3;
const SILU_GRADIENT = 4;
const SOFTPLUS_GRADIENT = 5;
const SILU_GATE = 6;

export function gelu(x: usize, y: usize, begin: usize, end: usize): void {
  mapUnary(GELU, x, y, begin, end);
}

export function silu(x: usize, y: usize, begin: usize, end: usize): void {
  mapUnary(SILU, x, y, begin, end);
}

export function softplus(x: usize, y: usize, begin: usize, end: usize): void {
  mapUnary(SOFTPLUS, x, y, begin, end);
}

export function geluGradient(dy: usize, x: usize, dx: usize, begin: usize, end: usize): void {
  mapBinary(GELU_GRADIENT, dy, x, dx, begin, end);
}

export function siluGradient(dy: usize, x: usize, dx: usize, begin: usize, end: usize): void {
  mapBinary(SILU_GRADIENT, dy, x, dx, begin, end);
}

export function softplusGradient(dy: usize, x: usize, dx: usize, begin: usize, end: usize): void {
  mapBinary(SOFTPLUS_GRADIENT, dy, x, dx, begin, end);
}

/** y silu(z). */
export function siluGate(y: usize, z: usize, out: usize, begin: usize, end: usize): void {
  mapBinary(SILU_GATE, y, z, out, begin, end);
}

export function siluGateGradient(
  dy: usize, y: usize, z: usize, gradientY: usize, gradientZ: usize, begin: usize, end: usize,
): void {
  let i = begin;
  for (; i + 4 <= end; i += 4) {
    const upstream = v128.load(dy + i * 4);
    const gate = v128.load(z + i * 4);
    v128.store(gradientZ + i * 4, binary(SILU_GRADIENT, f32x4.mul(upstream, v128.load(y + i * 4)), gate));
    v128.store(gradientY + i * 4, binary(SILU_GATE, upstream, gate));
  }
  if (i < end) {
    const upstream = loadPartial(dy + i * 4, end - i);
    const gate = loadPartial(z + i * 4, end - i);
    const value = loadPartial(y + i * 4, end - i);
    storePartial(gradientZ + i * 4, binary(SILU_GRADIENT, f32x4.mul(upstream, value), gate), end - i);
    storePartial(gradientY + i * 4, binary(SILU_GATE, upstream, gate), end - i);
  }
}

// @ts-ignore: decorator
@inline
function mapUnary(op: i32, x: usize, y: usize, begin: usize, end: usize): void {
  let i = begin;
  for (; i + 4 <= end; i += 4) v128.store(y + i * 4, unary(op, v128.load(x + i * 4)));
  if (i < end) storePartial(y + i * 4, unary(op, loadPartial(x + i * 4, end - i)), end - i);
}

// @ts-ignore: decorator
@inline
function mapBinary(op: i32, a: usize, b: usize, y: usize, begin: usize, end: usize): void {
  let i = begin;
  for (; i + 4 <= end; i += 4) v128.store(y + i * 4, binary(op, v128.load(a + i * 4), v128.load(b + i * 4)));
  if (i < end) {
    storePartial(y + i * 4, binary(op, loadPartial(a + i * 4, end - i), loadPartial(b + i * 4, end - i)), end - i);
  }
}

// @ts-ignore: decorator
@inline
function unary(op: i32, x: v128): v128 {
  if (op == GELU) return f32x4.mul(x, normalCumulative(x));
  if (op == SILU) return f32x4.mul(x, sigmoid(x));
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), log1pUnit(expNonPositive4(f32x4.neg(f32x4.abs(x)))));
}

// @ts-ignore: decorator
@inline
function binary(op: i32, a: v128, b: v128): v128 {
  if (op == SILU_GATE) return f32x4.mul(a, f32x4.mul(b, sigmoid(b)));
  if (op == SOFTPLUS_GRADIENT) return f32x4.mul(a, sigmoid(b));
  if (op == SILU_GRADIENT) {
    const s = sigmoid(b);
    return f32x4.mul(a, f32x4.mul(s, madd(b, f32x4.sub(f32x4.splat(1), s), f32x4.splat(1))));
  }
  // GELU: Phi(x) + x phi(x).
  const density = f32x4.mul(
    expNonPositive4(f32x4.mul(f32x4.mul(b, b), f32x4.splat(-0.5))), f32x4.splat(0.3989422804014327),
  );
  return f32x4.mul(a, madd(b, density, normalCumulative(b)));
}

// @ts-ignore: decorator
@inline
function sigmoid(x: v128): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), exp4(f32x4.neg(x))));
}

// @ts-ignore: decorator
@inline
function normalCumulative(x: v128): v128 {
  return madd(erf4(f32x4.mul(x, f32x4.splat(0.7071067811865476))), f32x4.splat(0.5), f32x4.splat(0.5));
}

/** ln(1 + u) for 0 <= u <= 1 as 2 artanh(u / (2 + u)), whose argument is at most 1/3. */
// @ts-ignore: decorator
@inline
function log1pUnit(u: v128): v128 {
  const s = f32x4.div(u, f32x4.add(u, f32x4.splat(2)));
  const s2 = f32x4.mul(s, s);
  let p = madd(s2, f32x4.splat(1.0 / 15), f32x4.splat(1.0 / 13));
  p = madd(p, s2, f32x4.splat(1.0 / 11));
  p = madd(p, s2, f32x4.splat(1.0 / 9));
  p = madd(p, s2, f32x4.splat(1.0 / 7));
  p = madd(p, s2, f32x4.splat(1.0 / 5));
  p = madd(p, s2, f32x4.splat(1.0 / 3));
  p = madd(p, s2, f32x4.splat(1));
  return f32x4.mul(f32x4.add(s, s), p);
}
