import { exponentials, rowMaximum, scale } from './softmax';

/** Rows begin..end-1: out[r] = log_softmax(logits[r])[targets[r]]. Scratch: V floats. */
export function targetLogProbability(
  logits: usize, targets: usize, out: usize, classes: usize, scratch: usize, begin: usize, end: usize,
): void {
  for (let r = begin; r < end; r++) {
    const row = logits + r * classes * 4;
    const largest = rowMaximum(row, classes);
    const sum = exponentials(row, scratch, largest, classes);
    const target = load<f32>(row + <usize>load<u32>(targets + r * 4) * 4);
    store<f32>(out + r * 4, target - largest - <f32>naturalLog(sum));
  }
}

/** Rows begin..end-1: dLogits = dy (onehot - softmax). */
export function targetLogProbabilityGradient(
  dy: usize, logits: usize, targets: usize, dLogits: usize, classes: usize, begin: usize, end: usize,
): void {
  for (let r = begin; r < end; r++) {
    const row = logits + r * classes * 4;
    const to = dLogits + r * classes * 4;
    const upstream = load<f32>(dy + r * 4);
    const sum = exponentials(row, to, rowMaximum(row, classes), classes);
    scale(to, -upstream / sum, classes);
    const target = to + <usize>load<u32>(targets + r * 4) * 4;
    store<f32>(target, load<f32>(target) + upstream);
  }
}

/** ln(x) of a positive, finite x in float64: x = m 2^e with m in [2/3, 4/3), ln(m) = 2 artanh((m - 1) / (m + 1)). */
function naturalLog(x: f64): f64 {
  const bits = reinterpret<u64>(x);
  let exponent = <i32>((bits >> 52) & 0x7ff) - 1023;
  if (!(x > 0) || exponent == 1024) return x == 0 ? -Infinity : x;
  let m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  if (m > 4.0 / 3.0) {
    m *= 0.5;
    exponent++;
  }
  const s = (m - 1) / (m + 1);
  const s2 = s * s;
  let p: f64 = 0;
  for (let k = 21; k >= 1; k -= 2) p = p * s2 + 1.0 / <f64>k;
  return 2 * s * p + <f64>exponent * 0.6931471805599453;
}
