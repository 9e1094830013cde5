// Rows of C channels; formulas in src/kernels/layer-normalization.ts.

import { madd } from './fused-multiply-add';
import { laneSum, loadPartial, storePartial } from './partial-vectors';

/** Rows begin..end-1 of x [R, C] -> y [R, C]. */
export function layerNorm(
  x: usize, gamma: usize, beta: usize, y: usize, channels: usize, epsilon: f32, begin: usize, end: usize,
): void {
  const vectors = channels & ~3;
  const rest = channels - vectors;
  for (let r = begin; r < end; r++) {
    const from = x + r * channels * 4;
    const to = y + r * channels * 4;
    const mean = rowMean(from, channels);
    const inverse = inverseDeviation(from, mean, channels, epsilon);
    const m = f32x4.splat(mean);
    const s = f32x4.splat(inverse);
    for (let c: usize = 0; c < vectors; c += 4) {
      const normalized = f32x4.mul(f32x4.sub(v128.load(from + c * 4), m), s);
      v128.store(to + c * 4, madd(normalized, v128.load(gamma + c * 4), v128.load(beta + c * 4)));
    }
    if (rest > 0) {
      const normalized = f32x4.mul(f32x4.sub(loadPartial(from + vectors * 4, rest), m), s);
      const scaled = madd(normalized, loadPartial(gamma + vectors * 4, rest), loadPartial(beta + vectors * 4, rest));
      storePartial(to + vectors * 4, scaled, rest);
    }
  }
}

/**
 * Blocks begin..end-1 of `blockRows` rows: dx [R, C], and each block's part of dGamma and dBeta,
 * parts [blocks, 2, C], to be summed in order.
 */
export function layerNormGradient(
  dy: usize, x: usize, gamma: usize, dx: usize, parts: usize, rows: usize, channels: usize, blockRows: usize,
  epsilon: f32, begin: usize, end: usize,
): void {
  for (let block = begin; block < end; block++) {
    const dGamma = parts + block * 2 * channels * 4;
    const dBeta = dGamma + channels * 4;
    memory.fill(dGamma, 0, 2 * channels * 4);
    const last = min((block + 1) * blockRows, rows);
    for (let r = block * blockRows; r < last; r++) {
      rowGradient(dy + r * channels * 4, x + r * channels * 4, gamma, dx + r * channels * 4, dGamma, dBeta, channels, epsilon);
    }
  }
}

function rowGradient(
  dy: usize, x: usize, gamma: usize, dx: usize, dGamma: usize, dBeta: usize, channels: usize, epsilon: f32,
): void {
  const vectors = channels & ~3;
  const rest = channels - vectors;
  const tail = vectors * 4;
  const mean = rowMean(x, channels);
  const inverse = inverseDeviation(x, mean, channels, epsilon);
  const m = f32x4.splat(mean);
  const s = f32x4.splat(inverse);
  let sumG = f32x4.splat(0);
  let sumGX = f32x4.splat(0);
  for (let c: usize = 0; c < tail; c += 16) {
    const upstream = v128.load(dy + c);
    const normalized = f32x4.mul(f32x4.sub(v128.load(x + c), m), s);
    const g = f32x4.mul(upstream, v128.load(gamma + c));
    sumG = f32x4.add(sumG, g);
    sumGX = madd(g, normalized, sumGX);
    v128.store(dGamma + c, madd(upstream, normalized, v128.load(dGamma + c)));
    v128.store(dBeta + c, f32x4.add(upstream, v128.load(dBeta + c)));
  }
  if (rest > 0) {
    const upstream = loadPartial(dy + tail, rest);
    const normalized = f32x4.mul(f32x4.sub(loadPartial(x + tail, rest), m), s);
    const g = f32x4.mul(upstream, loadPartial(gamma + tail, rest));
    sumG = f32x4.add(sumG, g);
    sumGX = madd(g, normalized, sumGX);
    storePartial(dGamma + tail, madd(upstream, normalized, loadPartial(dGamma + tail, rest)), rest);
    storePartial(dBeta + tail, f32x4.add(upstream, loadPartial(dBeta + tail, rest)), rest);
  }
  const meanG = f32x4.splat(laneSum(sumG) / <f32>channels);
  const meanGX = f32x4.splat(laneSum(sumGX) / <f32>channels);
  for (let c: usize = 0; c < tail; c += 16) {
    const normalized = f32x4.mul(f32x4.sub(v128.load(x + c), m), s);
    const g = f32x4.mul(v128.load(dy + c), v128.load(gamma + c));
    v128.store(dx + c, f32x4.mul(f32x4.sub(f32x4.sub(g, meanG), f32x4.mul(normalized, meanGX)), s));
  }
  if (rest > 0) {
    const normalized = f32x4.mul(f32x4.sub(loadPartial(x + tail, rest), m), s);
    const g = f32x4.mul(loadPartial(dy + tail, rest), loadPartial(gamma + tail, rest));
    storePartial(dx + tail, f32x4.mul(f32x4.sub(f32x4.sub(g, meanG), f32x4.mul(normalized, meanGX)), s), rest);
  }
}

function rowMean(x: usize, channels: usize): f32 {
  const tail = (channels & ~3) * 4;
  let sum = f32x4.splat(0);
  for (let c: usize = 0; c < tail; c += 16) sum = f32x4.add(sum, v128.load(x + c));
  if (tail < channels * 4) sum = f32x4.add(sum, loadPartial(x + tail, channels & 3));
  return laneSum(sum) / <f32>channels;
}

/** 1 / sqrt(var + epsilon), variance about the mean in a second pass. */
function inverseDeviation(x: usize, mean: f32, channels: usize, epsilon: f32): f32 {
  const tail = (channels & ~3) * 4;
  const m = f32x4.splat(mean);
  let sum = f32x4.splat(0);
  for (let c: usize = 0; c < tail; c += 16) {
    const centred = f32x4.sub(v128.load(x + c), m);
    sum = madd(centred, centred, sum);
  }
  let total = laneSum(sum);
  for (let c = tail; c < channels * 4; c += 4) {
    const centred = load<f32>(x + c) - mean;
    total += centred * centred;
  }
  return 1 / sqrt<f32>(total / <f32>channels + epsilon);
}
