// Attention of one (batch row, head) at a time; formulas and shapes in src/kernels/attention.ts. A head is a block of
// `headWidth` columns of a matrix `width` wide, read and written in place: no transposed copies.
// The scratch memory of a thread holds a tile, the probabilities twice, and panels of both operands of a product.

import { dropout } from './dropout';
import { madd } from './fused-multiply-add';
import { multiplyPanels, packColumnPanels, packRowPanels } from './matrix-multiply';
import { laneSum } from './partial-vectors';
import { exponentials, rowMaximum, scale } from './softmax';

const IGNORED_SCORE: f32 = -1e9;
const TILE_SCRATCH: usize = 128;

/** Items begin..end-1, item = batch row * heads + head: out [B, Lq, D] and probabilities before dropout [B, h, Lq, Lk]. */
export function attend(
  query: usize, key: usize, value: usize, keyValid: usize, out: usize, probabilities: usize,
  queries: usize, keys: usize, width: usize, heads: usize, causal: bool,
  seed: u32, threshold: u32, keptScale: f32, scratch: usize, begin: usize, end: usize,
): void {
  const headWidth = width / heads;
  const tile = scratch;
  const dropped = tile + TILE_SCRATCH;
  const rows = dropped + 2 * queries * keys * 4;
  const longest = max(queries, keys) + 8;
  const columns = rows + longest * max(longest, headWidth + 8) * 4;
  const scoreScale: f32 = 1 / sqrt<f32>(<f32>headWidth);
  for (let item = begin; item < end; item++) {
    const batch = item / heads;
    const column = (item % heads) * headWidth;
    const q = query + (batch * queries * width + column) * 4;
    const k = key + (batch * keys * width + column) * 4;
    const v = value + (batch * keys * width + column) * 4;
    const p = probabilities + item * queries * keys * 4;
    // scores = q k^T [Lq, Lk]
    multiply(q, width, 1, k, width, 1, p, keys, queries, keys, headWidth, rows, columns, tile);
    for (let i: usize = 0; i < queries; i++) {
      const row = p + i * keys * 4;
      scale(row, scoreScale, keys);
      maskRow(row, keyValid == 0 ? 0 : keyValid + batch * keys * 4, causal, i, keys);
      const sum = exponentials(row, row, rowMaximum(row, keys), keys);
      scale(row, 1 / sum, keys);
    }
    let weights = p;
    if (threshold != 0) {
      dropout(p, dropped, seed, threshold, keptScale, <u32>(item * queries * keys), 0, queries * keys);
      weights = dropped;
    }
    // out = weights v [Lq, D/h]
    multiply(weights, keys, 1, v, 1, width, out + (batch * queries * width + column) * 4, width, queries, headWidth, keys,
      rows, columns, tile);
  }
}

export function attendGradient(
  dy: usize, query: usize, key: usize, value: usize, probabilities: usize,
  dQuery: usize, dKey: usize, dValue: usize,
  queries: usize, keys: usize, width: usize, heads: usize,
  seed: u32, threshold: u32, keptScale: f32, scratch: usize, begin: usize, end: usize,
): void {
  const headWidth = width / heads;
  const tile = scratch;
  const dropped = tile + TILE_SCRATCH;
  const dScores = dropped + queries * keys * 4;
  const rows = dScores + queries * keys * 4;
  const longest = max(queries, keys) + 8;
  const columns = rows + longest * max(longest, headWidth + 8) * 4;
  const scoreScale: f32 = 1 / sqrt<f32>(<f32>headWidth);
  for (let item = begin; item < end; item++) {
    const batch = item / heads;
    const column = (item % heads) * headWidth;
    const queryPlace = (batch * queries * width + column) * 4;
    const keyPlace = (batch * keys * width + column) * 4;
    const p = probabilities + item * queries * keys * 4;
    const counter = <u32>(item * queries * keys);
    let weights = p;
    if (threshold != 0) {
      dropout(p, dropped, seed, threshold, keptScale, counter, 0, queries * keys);
      weights = dropped;
    }
    // dValue = weights^T dy [Lk, D/h]
    multiply(weights, 1, keys, dy + queryPlace, 1, width, dValue + keyPlace, width, keys, headWidth, queries,
      rows, columns, tile);
    // dWeights = dy v^T [Lq, Lk]
    multiply(dy + queryPlace, width, 1, value + keyPlace, width, 1, dScores, keys, queries, keys, headWidth,
      rows, columns, tile);
    if (threshold != 0) dropout(dScores, dScores, seed, threshold, keptScale, counter, 0, queries * keys);
    for (let i: usize = 0; i < queries; i++) {
      softmaxGradientRow(p + i * keys * 4, dScores + i * keys * 4, scoreScale, keys);
    }
    // dQuery = dScores k [Lq, D/h]
    multiply(dScores, keys, 1, key + keyPlace, 1, width, dQuery + queryPlace, width, queries, headWidth, keys,
      rows, columns, tile);
    // dKey = dScores^T q [Lk, D/h]
    multiply(dScores, 1, keys, query + queryPlace, 1, width, dKey + keyPlace, width, keys, headWidth, queries,
      rows, columns, tile);
  }
}

/** target [m, n] = a b; a's element (i, p) at aRow i + aDepth p, b's element (p, j) at bColumn j + bDepth p. */
function multiply(
  a: usize, aRow: usize, aDepth: usize, b: usize, bColumn: usize, bDepth: usize,
  target: usize, targetStride: usize, m: usize, n: usize, depth: usize, rows: usize, columns: usize, tile: usize,
): void {
  packRowPanels(a, aRow, aDepth, m, depth, rows, 0, (m + 3) / 4);
  packColumnPanels(b, bColumn, bDepth, n, depth, columns, 0, (n + 7) / 8);
  multiplyPanels(rows, columns, m, n, depth, target, targetStride, 0, tile, 0, (n + 7) / 8);
}

function maskRow(row: usize, keyValid: usize, causal: bool, query: usize, keys: usize): void {
  if (keyValid != 0) {
    for (let j: usize = 0; j < keys; j++) {
      const ignored: f32 = (1 - load<f32>(keyValid + j * 4)) * IGNORED_SCORE;
      store<f32>(row + j * 4, load<f32>(row + j * 4) + ignored);
    }
  }
  if (causal) {
    for (let j = query + 1; j < keys; j++) store<f32>(row + j * 4, load<f32>(row + j * 4) + IGNORED_SCORE);
  }
}

/** dScores = p (dWeights - sum(p dWeights)) scoreScale, in place of dWeights. */
function softmaxGradientRow(p: usize, dScores: usize, scoreScale: f32, keys: usize): void {
  let sum = f32x4.splat(0);
  let j: usize = 0;
  for (; j + 4 <= keys; j += 4) sum = madd(v128.load(p + j * 4), v128.load(dScores + j * 4), sum);
  let expected = laneSum(sum);
  for (; j < keys; j++) expected += load<f32>(p + j * 4) * load<f32>(dScores + j * 4);
  const shift = f32x4.splat(expected);
  const factor = f32x4.splat(scoreScale);
  for (j = 0; j + 4 <= keys; j += 4) {
    const centred = f32x4.sub(v128.load(dScores + j * 4), shift);
    v128.store(dScores + j * 4, f32x4.mul(f32x4.mul(v128.load(p + j * 4), centred), factor));
  }
  for (; j < keys; j++) {
    store<f32>(dScores + j * 4, load<f32>(p + j * 4) * (load<f32>(dScores + j * 4) - expected) * scoreScale);
  }
}
