// Each channel convolved on its own over time; formulas in src/kernels/causal-depthwise-convolution.ts.
// Weights are [E, K]; the scratch memory holds them as K rows [E], so that channels lie side by side.

import { madd } from './fused-multiply-add';

/** Batch rows begin..end-1 of x [B, L, E] -> y [B, L, E]. Scratch: K E floats. */
export function convolve(
  x: usize, weight: usize, bias: usize, y: usize, length: usize, channels: usize, taps: usize, scratch: usize,
  begin: usize, end: usize,
): void {
  const row = channels * 4;
  if (begin < end) transposeTaps(weight, scratch, channels, taps);
  for (let b = begin; b < end; b++) {
    for (let t: usize = 0; t < length; t++) {
      const to = y + (b * length + t) * row;
      memory.copy(to, bias, row);
      for (let j: usize = 0; j < taps; j++) {
        const back = taps - 1 - j;
        if (back <= t) multiplyAdd(scratch + j * row, x + (b * length + t - back) * row, to, channels);
      }
    }
  }
}

/**
 * Batch rows begin..end-1: dx [B, L, E], and each row's part of the weight and bias gradients, parts [B, K + 1, E] with the
 * bias last. Scratch: K E floats.
 */
export function convolveGradient(
  dy: usize, x: usize, weight: usize, dx: usize, parts: usize, length: usize, channels: usize, taps: usize,
  scratch: usize, begin: usize, end: usize,
): void {
  const row = channels * 4;
  if (begin < end) transposeTaps(weight, scratch, channels, taps);
  for (let b = begin; b < end; b++) {
    const part = parts + b * (taps + 1) * row;
    memory.fill(part, 0, (taps + 1) * row);
    memory.fill(dx + b * length * row, 0, length * row);
    for (let t: usize = 0; t < length; t++) {
      const upstream = dy + (b * length + t) * row;
      for (let j: usize = 0; j < taps; j++) {
        const back = taps - 1 - j;
        if (back > t) continue;
        const source = (b * length + t - back) * row;
        multiplyAdd(scratch + j * row, upstream, dx + source, channels);
        multiplyAdd(upstream, x + source, part + j * row, channels);
      }
      add(upstream, part + taps * row, channels);
    }
  }
}

/** Sums the parts of convolveGradient over the batch, in order, into dWeight [E, K] and dBias [E]; channels begin..end-1. */
export function sumConvolutionParts(
  parts: usize, batches: usize, channels: usize, taps: usize, dWeight: usize, dBias: usize, begin: usize, end: usize,
): void {
  for (let e = begin; e < end; e++) {
    for (let j: usize = 0; j <= taps; j++) {
      let sum: f32 = 0;
      for (let b: usize = 0; b < batches; b++) sum += load<f32>(parts + ((b * (taps + 1) + j) * channels + e) * 4);
      store<f32>(j < taps ? dWeight + (e * taps + j) * 4 : dBias + e * 4, sum);
    }
  }
}

function transposeTaps(weight: usize, target: usize, channels: usize, taps: usize): void {
  for (let j: usize = 0; j < taps; j++) {
    for (let e: usize = 0; e < channels; e++) {
      store<f32>(target + (j * channels + e) * 4, load<f32>(weight + (e * taps + j) * 4));
    }
  }
}

/** target += a b. */
function multiplyAdd(a: usize, b: usize, target: usize, count: usize): void {
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    v128.store(target + i * 4, madd(v128.load(a + i * 4), v128.load(b + i * 4), v128.load(target + i * 4)));
  }
  for (; i < count; i++) store<f32>(target + i * 4, load<f32>(target + i * 4) + load<f32>(a + i * 4) * load<f32>(b + i * 4));
}

function add(a: usize, target: usize, count: usize): void {
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) v128.store(target + i * 4, f32x4.add(v128.load(a + i * 4), v128.load(target + i * 4)));
  for (; i < count; i++) store<f32>(target + i * 4, load<f32>(target + i * 4) + load<f32>(a + i * 4));
}
