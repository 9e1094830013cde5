// C = op(A) op(B), in three steps: both operands are copied into panels (which also transposes where needed), then
// tiles of 4 x 8 results are computed in registers. Goto and van de Geijn 2008, "Anatomy of high-performance matrix
// multiplication", without the outer cache blocks: a panel of B stays in the first-level cache, A streams past it.
// 8 accumulators are what the engine's register allocator keeps in registers; 12 halve the speed.
//
// Panels of A: ceil(m / 4) of [k][4]; panels of B: ceil(n / 8) of [k][8]; the last of each is filled up with zeros.

import { madd } from './fused-multiply-add';

/** Rows of a tile. */
const ROWS: usize = 4;
/** Columns of a tile: two vectors. */
const COLUMNS: usize = 8;
/** Steps of the inner product done on one tile before the next: 512 x 8 floats of B are 16 KiB. */
const DEPTH: usize = 512;

/**
 * Copies rows of a matrix into panels of 4 (operand A). Element (i, p) lies at source + (i * rowStride + p * depthStride) * 4.
 * One of the two strides is 1. Panels begin..end-1.
 */
export function packRowPanels(
  source: usize, rowStride: usize, depthStride: usize, rows: usize, depth: usize, target: usize,
  begin: usize, end: usize,
): void {
  for (let panel = begin; panel < end; panel++) {
    const first = panel * ROWS;
    const panelTarget = target + panel * ROWS * depth * 4;
    const panelSource = source + first * rowStride * 4;
    if (rows - first < ROWS) {
      packEdge(panelSource, rowStride, depthStride, rows - first, ROWS, depth, panelTarget);
    } else if (depthStride == 1) {
      packTransposed4(panelSource, rowStride, depth, panelTarget);
    } else {
      for (let p: usize = 0; p < depth; p++) {
        const from = panelSource + p * depthStride * 4;
        const to = panelTarget + p * ROWS * 4;
        v128.store(to, v128.load(from));
      }
    }
  }
}

/** Copies columns of a matrix into panels of 8 (operand B); strides as in packRowPanels, per column instead of per row. */
export function packColumnPanels(
  source: usize, columnStride: usize, depthStride: usize, columns: usize, depth: usize, target: usize,
  begin: usize, end: usize,
): void {
  for (let panel = begin; panel < end; panel++) {
    const first = panel * COLUMNS;
    const panelTarget = target + panel * COLUMNS * depth * 4;
    const panelSource = source + first * columnStride * 4;
    if (columns - first < COLUMNS) {
      packEdge(panelSource, columnStride, depthStride, columns - first, COLUMNS, depth, panelTarget);
    } else if (depthStride == 1) {
      packTransposed8(panelSource, columnStride, depth, panelTarget);
    } else {
      for (let p: usize = 0; p < depth; p++) {
        const from = panelSource + p * depthStride * 4;
        const to = panelTarget + p * COLUMNS * 4;
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
      }
    }
  }
}

function packEdge(
  source: usize, laneStride: usize, depthStride: usize, lanes: usize, width: usize, depth: usize, target: usize,
): void {
  for (let p: usize = 0; p < depth; p++) {
    for (let lane: usize = 0; lane < width; lane++) {
      const value = lane < lanes ? load<f32>(source + (lane * laneStride + p * depthStride) * 4) : 0;
      store<f32>(target + (p * width + lane) * 4, value);
    }
  }
}

function packTransposed4(source: usize, rowStride: usize, depth: usize, target: usize): void {
  let p: usize = 0;
  for (; p + 4 <= depth; p += 4) transpose4(source + p * 4, rowStride * 4, target + p * 16, 16);
  if (p < depth) packEdge(source + p * 4, rowStride, 1, ROWS, ROWS, depth - p, target + p * 16);
}

function packTransposed8(source: usize, columnStride: usize, depth: usize, target: usize): void {
  const stride = columnStride * 4;
  let p: usize = 0;
  for (; p + 4 <= depth; p += 4) {
    transpose4(source + p * 4, stride, target + p * 32, 32);
    transpose4(source + p * 4 + 4 * stride, stride, target + p * 32 + 16, 32);
  }
  if (p < depth) packEdge(source + p * 4, columnStride, 1, COLUMNS, COLUMNS, depth - p, target + p * 32);
}

// @ts-ignore: decorator
@inline
function transpose4(from: usize, stride: usize, to: usize, step: usize): void {
  const r0 = v128.load(from);
  const r1 = v128.load(from + stride);
  const r2 = v128.load(from + 2 * stride);
  const r3 = v128.load(from + 3 * stride);
  const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const b = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const c = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const d = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f64>(a, b, 0, 2));
  v128.store(to + step, v128.shuffle<f64>(a, b, 1, 3));
  v128.store(to + 2 * step, v128.shuffle<f64>(c, d, 0, 2));
  v128.store(to + 3 * step, v128.shuffle<f64>(c, d, 1, 3));
}

/**
 * Tiles of C (row-major, `targetStride` floats per row) from packed operands; bias [n] is added when its address is
 * not 0. Computes column panels begin..end-1, all rows. `scratch` holds one tile, 128 bytes.
 */
export function multiplyPanels(
  rowPanels: usize, columnPanels: usize, rows: usize, columns: usize, depth: usize,
  target: usize, targetStride: usize, bias: usize, scratch: usize,
  begin: usize, end: usize,
): void {
  for (let panel = begin; panel < end; panel++) {
    const column = panel * COLUMNS;
    const wide = columns - column >= COLUMNS;
    let depthStart: usize = 0;
    // At least one round, so that an empty inner product writes zeros (or the bias).
    do {
      const steps = min(depth - depthStart, DEPTH);
      const b = columnPanels + (column * depth + depthStart * COLUMNS) * 4;
      const first = depthStart == 0;
      for (let row: usize = 0; row < rows; row += ROWS) {
        const a = rowPanels + (row * depth + depthStart * ROWS) * 4;
        const to = target + (row * targetStride + column) * 4;
        if (wide && rows - row >= ROWS) {
          tile(a, b, steps, to, targetStride * 4, first, bias == 0 ? 0 : bias + column * 4);
        } else {
          edgeTile(a, b, steps, to, targetStride, first, bias == 0 ? 0 : bias + column * 4,
            min(rows - row, ROWS), min(columns - column, COLUMNS), scratch);
        }
      }
      depthStart += DEPTH;
    } while (depthStart < depth);
  }
}

function edgeTile(
  a: usize, b: usize, steps: usize, target: usize, targetStride: usize, first: bool, bias: usize,
  rows: usize, columns: usize, scratch: usize,
): void {
  tile(a, b, steps, scratch, COLUMNS * 4, true, 0);
  for (let i: usize = 0; i < rows; i++) {
    for (let j: usize = 0; j < columns; j++) {
      const to = target + (i * targetStride + j) * 4;
      const start: f32 = first ? (bias == 0 ? 0 : load<f32>(bias + j * 4)) : load<f32>(to);
      store<f32>(to, start + load<f32>(scratch + (i * COLUMNS + j) * 4));
    }
  }
}

/** One 4 x 8 tile: starts from 0, the bias or (not first) what is there. `stride` in bytes. */
function tile(a: usize, b: usize, steps: usize, target: usize, stride: usize, first: bool, bias: usize): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  const end = b + steps * 32;
  while (b < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load32_splat(a);
    c00 = madd(a0, b0, c00);
    c01 = madd(a0, b1, c01);
    const a1 = v128.load32_splat(a, 4);
    c10 = madd(a1, b0, c10);
    c11 = madd(a1, b1, c11);
    const a2 = v128.load32_splat(a, 8);
    c20 = madd(a2, b0, c20);
    c21 = madd(a2, b1, c21);
    const a3 = v128.load32_splat(a, 12);
    c30 = madd(a3, b0, c30);
    c31 = madd(a3, b1, c31);
    a += 16;
    b += 32;
  }
  if (!first) {
    addRow(target, c00, c01);
    addRow(target + stride, c10, c11);
    addRow(target + 2 * stride, c20, c21);
    addRow(target + 3 * stride, c30, c31);
    return;
  }
  let s0 = f32x4.splat(0), s1 = f32x4.splat(0);
  if (bias != 0) {
    s0 = v128.load(bias);
    s1 = v128.load(bias, 16);
  }
  storeRow(target, c00, c01, s0, s1);
  storeRow(target + stride, c10, c11, s0, s1);
  storeRow(target + 2 * stride, c20, c21, s0, s1);
  storeRow(target + 3 * stride, c30, c31, s0, s1);
}

// @ts-ignore: decorator
@inline
function addRow(target: usize, v0: v128, v1: v128): void {
  storeRow(target, v0, v1, v128.load(target), v128.load(target, 16));
}

// @ts-ignore: decorator
@inline
function storeRow(target: usize, v0: v128, v1: v128, s0: v128, s1: v128): void {
  v128.store(target, f32x4.add(v0, s0));
  v128.store(target, f32x4.add(v1, s1), 16);
}

/** Both operands into panels, as one job: first the ceil(m / 4) panels of A, then the ceil(n / 8) panels of B. */
export function packPanels(
  a: usize, aRowStride: usize, aDepthStride: usize, rows: usize, rowPanels: usize,
  b: usize, bColumnStride: usize, bDepthStride: usize, columns: usize, columnPanels: usize,
  depth: usize, begin: usize, end: usize,
): void {
  const split = (rows + ROWS - 1) / ROWS;
  if (begin < split) packRowPanels(a, aRowStride, aDepthStride, rows, depth, rowPanels, begin, min(end, split));
  if (end > split) {
    packColumnPanels(b, bColumnStride, bDepthStride, columns, depth, columnPanels, max(begin, split) - split, end - split);
  }
}
