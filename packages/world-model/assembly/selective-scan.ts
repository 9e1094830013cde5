// Selective scan, forward and backward, for one batch row and a group of channels at a time (spec section 5, 2.4 and 11).
// Symbols as in src/kernels/selective-scan.ts. Nothing of size [B, L, E, N] ever exists: the backward pass recomputes the
// states of one channel, [L, N], into the scratch memory and walks them back.
//
// Rows of N states are padded with zeros to N' = a multiple of 4, so that every row is whole vectors. Each thread needs
// (6 L + 4) rows of N' and 5 blocks of series of scratch memory.

import { exp4, expNonPositive4 } from './exponential';
import { madd } from './fused-multiply-add';
import { laneSum, loadPartial, storePartial } from './partial-vectors';

/** Channels whose [L] series are brought side by side at once: a cache line of each time step. */
const CHANNEL_BLOCK: usize = 16;

// @ts-ignore: decorator
@inline
function paddedStates(states: usize): usize {
  return (states + 3) & ~3;
}

/** Item i is batch row i / groups, channels (i % groups) * groupChannels and on. x, dt, y [B, L, E]; b, c [B, L, N]. */
export function scanForward(
  x: usize, dt: usize, aLog: usize, b: usize, c: usize, d: usize, y: usize,
  length: usize, channels: usize, states: usize, groups: usize, groupChannels: usize,
  scratch: usize, begin: usize, end: usize,
): void {
  const padded = paddedStates(states);
  const row = padded * 4;
  const bRows = scratch;
  const cRows = bRows + length * row;
  const decay = cRows + length * row;
  const state = decay + row;
  const xs = state + row;
  const dts = xs + CHANNEL_BLOCK * length * 4;
  const ys = dts + CHANNEL_BLOCK * length * 4;
  for (let item = begin; item < end; item++) {
    const batch = item / groups;
    copyRowsPadded(b + batch * length * states * 4, bRows, length, states, padded);
    copyRowsPadded(c + batch * length * states * 4, cRows, length, states, padded);
    const firstChannel = (item % groups) * groupChannels;
    const lastChannel = min(firstChannel + groupChannels, channels);
    for (let block = firstChannel; block < lastChannel; block += CHANNEL_BLOCK) {
      const count = min(CHANNEL_BLOCK, lastChannel - block);
      const place = (batch * length * channels + block) * 4;
      gatherSeries(x + place, xs, length, channels, count);
      gatherSeries(dt + place, dts, length, channels, count);
      for (let k: usize = 0; k < count; k++) {
        decayRates(aLog + (block + k) * states * 4, decay, states, padded);
        const series = k * length * 4;
        forwardSeries(xs + series, dts + series, bRows, cRows, decay, state, load<f32>(d + (block + k) * 4), ys + series,
          length, row);
      }
      scatterSeries(ys, y + place, length, channels, count);
    }
  }
}

/**
 * Gradients of one item as in scanForward. dx, dDt [B, L, E] are complete; the others are parts to be summed by the
 * caller, in order: dA [B, E, N] (with respect to A, not aLog) and dD [B, E] over the batch,
 * dB, dC [groups, B, L, N] over the groups.
 */
export function scanBackward(
  dy: usize, x: usize, dt: usize, aLog: usize, b: usize, c: usize, d: usize,
  dx: usize, dDt: usize, dA: usize, dB: usize, dC: usize, dD: usize,
  batches: usize, length: usize, channels: usize, states: usize, groups: usize, groupChannels: usize,
  scratch: usize, begin: usize, end: usize,
): void {
  const padded = paddedStates(states);
  const row = padded * 4;
  const bRows = scratch;
  const cRows = bRows + length * row;
  const dBRows = cRows + length * row;
  const dCRows = dBRows + length * row;
  const decays = dCRows + length * row; // exp(dt_t A), [L, N']
  const history = decays + length * row; // h_{-1}, h_0 .. h_{L-1}, [L + 1, N']
  const decay = history + (length + 1) * row;
  const adjoint = decay + row;
  const dDecay = adjoint + row;
  const xs = dDecay + row;
  const dts = xs + CHANNEL_BLOCK * length * 4;
  const dys = dts + CHANNEL_BLOCK * length * 4;
  const dxs = dys + CHANNEL_BLOCK * length * 4;
  const dDts = dxs + CHANNEL_BLOCK * length * 4;
  for (let item = begin; item < end; item++) {
    const batch = item / groups;
    const group = item % groups;
    copyRowsPadded(b + batch * length * states * 4, bRows, length, states, padded);
    copyRowsPadded(c + batch * length * states * 4, cRows, length, states, padded);
    memory.fill(dBRows, 0, 2 * length * row);
    const firstChannel = group * groupChannels;
    const lastChannel = min(firstChannel + groupChannels, channels);
    for (let block = firstChannel; block < lastChannel; block += CHANNEL_BLOCK) {
      const count = min(CHANNEL_BLOCK, lastChannel - block);
      const place = (batch * length * channels + block) * 4;
      gatherSeries(x + place, xs, length, channels, count);
      gatherSeries(dt + place, dts, length, channels, count);
      gatherSeries(dy + place, dys, length, channels, count);
      for (let k: usize = 0; k < count; k++) {
        const channel = block + k;
        const series = k * length * 4;
        decayRates(aLog + channel * states * 4, decay, states, padded);
        replaySeries(xs + series, dts + series, bRows, decay, decays, history, length, row);
        const gradientD = backwardSeries(dys + series, xs + series, dts + series, load<f32>(d + channel * 4),
          bRows, cRows, decay, decays, history, adjoint, dxs + series, dDts + series, dBRows, dCRows, dDecay, length, row);
        memory.copy(dA + (batch * channels + channel) * states * 4, dDecay, states * 4);
        store<f32>(dD + (batch * channels + channel) * 4, gradientD);
      }
      scatterSeries(dxs, dx + place, length, channels, count);
      scatterSeries(dDts, dDt + place, length, channels, count);
    }
    const part = (group * batches + batch) * length * states * 4;
    copyRowsTrimmed(dBRows, dB + part, length, states, padded);
    copyRowsTrimmed(dCRows, dC + part, length, states, padded);
  }
}

/** Elements begin..end-1: a gradient with respect to A becomes the one with respect to aLog, dA/daLog = A = -exp(aLog). */
export function multiplyByDecay(gradient: usize, aLog: usize, begin: usize, end: usize): void {
  let i = begin;
  for (; i + 4 <= end; i += 4) {
    const decay = f32x4.neg(exp4(v128.load(aLog + i * 4)));
    v128.store(gradient + i * 4, f32x4.mul(v128.load(gradient + i * 4), decay));
  }
  if (i < end) {
    const decay = f32x4.neg(exp4(loadPartial(aLog + i * 4, end - i)));
    storePartial(gradient + i * 4, f32x4.mul(loadPartial(gradient + i * 4, end - i), decay), end - i);
  }
}

/** A = -exp(aLog); the padding gets 0, which keeps its states at 0. */
function decayRates(aLog: usize, decay: usize, states: usize, padded: usize): void {
  copyRowsPadded(aLog, decay, 1, states, padded);
  for (let n: usize = 0; n < padded * 4; n += 16) {
    v128.store(decay + n, f32x4.neg(exp4(v128.load(decay + n))));
  }
  for (let n = states; n < padded; n++) store<f32>(decay + n * 4, 0);
}

function forwardSeries(
  x: usize, dt: usize, b: usize, c: usize, decay: usize, state: usize, d: f32, y: usize, length: usize, row: usize,
): void {
  memory.fill(state, 0, row);
  for (let t: usize = 0; t < length; t++) {
    const xt = load<f32>(x + t * 4);
    const step = f32x4.splat(load<f32>(dt + t * 4));
    const drive = f32x4.splat(load<f32>(dt + t * 4) * xt);
    let sum = f32x4.splat(0);
    for (let n: usize = 0; n < row; n += 16) {
      const a = expNonPositive4(f32x4.mul(step, v128.load(decay + n)));
      const h = madd(a, v128.load(state + n), f32x4.mul(drive, v128.load(b + n)));
      v128.store(state + n, h);
      sum = madd(h, v128.load(c + n), sum);
    }
    store<f32>(y + t * 4, d * xt + laneSum(sum));
    b += row;
    c += row;
  }
}

function replaySeries(
  x: usize, dt: usize, b: usize, decay: usize, decays: usize, history: usize, length: usize, row: usize,
): void {
  memory.fill(history, 0, row);
  for (let t: usize = 0; t < length; t++) {
    const step = f32x4.splat(load<f32>(dt + t * 4));
    const drive = f32x4.splat(load<f32>(dt + t * 4) * load<f32>(x + t * 4));
    const next = history + row;
    for (let n: usize = 0; n < row; n += 16) {
      const a = expNonPositive4(f32x4.mul(step, v128.load(decay + n)));
      v128.store(decays + n, a);
      v128.store(next + n, madd(a, v128.load(history + n), f32x4.mul(drive, v128.load(b + n))));
    }
    b += row;
    decays += row;
    history = next;
  }
}

/** The table of spec section 5, 11.3, for one channel, t descending; returns the channel's part of dD. */
function backwardSeries(
  dy: usize, x: usize, dt: usize, d: f32, b: usize, c: usize, decay: usize, decays: usize, history: usize, adjoint: usize,
  dx: usize, dDt: usize, dB: usize, dC: usize, dDecay: usize, length: usize, row: usize,
): f32 {
  memory.fill(adjoint, 0, row);
  memory.fill(dDecay, 0, row);
  let gradientD: f32 = 0;
  for (let t: usize = length; t > 0;) {
    t--;
    const here = t * row;
    const xt = load<f32>(x + t * 4);
    const dtt = load<f32>(dt + t * 4);
    const dyt = load<f32>(dy + t * 4);
    const step = f32x4.splat(dtt);
    const drive = f32x4.splat(dtt * xt);
    const upstream = f32x4.splat(dyt);
    let throughB = f32x4.splat(0);
    let throughDecay = f32x4.splat(0);
    for (let n: usize = 0; n < row; n += 16) {
      const at = here + n;
      const h = v128.load(history + row + at);
      v128.store(dC + at, madd(h, upstream, v128.load(dC + at)));
      const g = madd(upstream, v128.load(c + at), v128.load(adjoint + n));
      throughB = madd(g, v128.load(b + at), throughB);
      v128.store(dB + at, madd(g, drive, v128.load(dB + at)));
      const earlier = f32x4.mul(g, v128.load(decays + at));
      v128.store(adjoint + n, earlier);
      const q = f32x4.mul(earlier, v128.load(history + at));
      throughDecay = madd(q, v128.load(decay + n), throughDecay);
      v128.store(dDecay + n, madd(q, step, v128.load(dDecay + n)));
    }
    const gb = laneSum(throughB);
    store<f32>(dDt + t * 4, laneSum(throughDecay) + gb * xt);
    store<f32>(dx + t * 4, gb * dtt + d * dyt);
    gradientD += dyt * xt;
  }
  return gradientD;
}

/** [L, N] -> [L, N'] with zeros behind. */
function copyRowsPadded(source: usize, target: usize, rows: usize, states: usize, padded: usize): void {
  if (states == padded) {
    memory.copy(target, source, rows * states * 4);
    return;
  }
  memory.fill(target, 0, rows * padded * 4);
  for (let r: usize = 0; r < rows; r++) memory.copy(target + r * padded * 4, source + r * states * 4, states * 4);
}

function copyRowsTrimmed(source: usize, target: usize, rows: usize, states: usize, padded: usize): void {
  for (let r: usize = 0; r < rows; r++) memory.copy(target + r * states * 4, source + r * padded * 4, states * 4);
}

/** [L, channels] at stride -> [count, L]. */
function gatherSeries(source: usize, target: usize, length: usize, channels: usize, count: usize): void {
  for (let t: usize = 0; t < length; t++) {
    for (let k: usize = 0; k < count; k++) {
      store<f32>(target + (k * length + t) * 4, load<f32>(source + (t * channels + k) * 4));
    }
  }
}

function scatterSeries(source: usize, target: usize, length: usize, channels: usize, count: usize): void {
  for (let t: usize = 0; t < length; t++) {
    for (let k: usize = 0; k < count; k++) {
      store<f32>(target + (t * channels + k) * 4, load<f32>(source + (k * length + t) * 4));
    }
  }
}
