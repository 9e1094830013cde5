import type * as tf from '@tensorflow/tfjs';
import { axisLength, rowCount, sizeOf } from '../shapes.js';
import { type KernelRuntime, tensorInput, type WasmKernel } from './kernel-runtime.js';

/** Tile of assembly/matrix-multiply.ts. */
const TILE_ROWS = 4;
const TILE_COLUMNS = 8;
const TILE_BYTES = TILE_ROWS * TILE_COLUMNS * 4;

/** Multiply-adds that a thread takes at once. */
const GRAIN_MULTIPLY_ADDS = 1_000_000;
/** Panel elements that a thread packs at once. */
const GRAIN_PACKED = 65_536;

/** A matrix on the heap, seen as rows x columns: element (i, j) at address + 4 (i rowStride + j columnStride). */
export interface MatrixView {
  readonly address: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** Row-major storage of a matrix whose rows are `stride` long, read as it is or transposed. */
export function matrixView(address: number, stride: number, transposed: boolean): MatrixView {
  return transposed
    ? { address, rowStride: 1, columnStride: stride }
    : { address, rowStride: stride, columnStride: 1 };
}

export interface ProductSizes {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** target [m, n] (row-major, contiguous) = a [m, k] b [k, n] + bias [n]; bias 0 means none. */
export function multiplyMatrices(
  runtime: KernelRuntime,
  a: MatrixView,
  b: MatrixView,
  { m, n, k }: ProductSizes,
  target: number,
  bias = 0,
): void {
  if (m === 0 || n === 0) return;
  const rowPanelCount = Math.ceil(m / TILE_ROWS);
  const columnPanelCount = Math.ceil(n / TILE_COLUMNS);
  const rowPanelBytes = rowPanelCount * TILE_ROWS * k * 4;
  const rowPanels = runtime.workspace(rowPanelBytes + columnPanelCount * TILE_COLUMNS * k * 4);
  const columnPanels = rowPanels + rowPanelBytes;
  runtime.run(
    'packPanels',
    [
      a.address,
      a.rowStride,
      a.columnStride,
      m,
      rowPanels,
      b.address,
      b.columnStride,
      b.rowStride,
      n,
      columnPanels,
      k,
    ],
    {
      items: rowPanelCount + columnPanelCount,
      grain: Math.ceil(GRAIN_PACKED / (TILE_COLUMNS * Math.max(k, 1))),
    },
  );
  runtime.run('multiplyPanels', [rowPanels, columnPanels, m, n, k, target, n, bias], {
    items: columnPanelCount,
    grain: Math.ceil(GRAIN_MULTIPLY_ADDS / (TILE_COLUMNS * m * Math.max(k, 1))),
    scratchBytes: TILE_BYTES,
  });
}

export const matrixMultiply: WasmKernel = (runtime, inputs, { transposeA, transposeB }) => {
  const a = tensorInput(inputs, 'a');
  const b = tensorInput(inputs, 'b');
  return [batchedProduct(runtime, a, b, transposeA === true, transposeB === true)];
};

export function batchedProduct(
  runtime: KernelRuntime,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  transposeA: boolean,
  transposeB: boolean,
): tf.TensorInfo {
  const [rowsA, columnsA] = [axisLength(a, -2), axisLength(a, -1)];
  const [rowsB, columnsB] = [axisLength(b, -2), axisLength(b, -1)];
  const [m, k] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const n = transposeB ? rowsB : columnsB;
  const batch = a.shape.slice(0, -2);
  const { info, address } = runtime.heap.output([...batch, m, n]);
  const [addressA, addressB] = [runtime.heap.addressOf(a), runtime.heap.addressOf(b)];
  for (let group = 0; group < sizeOf(batch); group++) {
    const viewA = matrixView(addressA + group * m * k * 4, columnsA, transposeA);
    const viewB = matrixView(addressB + group * k * n * 4, columnsB, transposeB);
    multiplyMatrices(runtime, viewA, viewB, { m, n, k }, address + group * m * n * 4);
  }
  return info;
}

export const linear: WasmKernel = (runtime, inputs) => {
  const x = tensorInput(inputs, 'x');
  const weight = tensorInput(inputs, 'weight');
  const sizes = { m: rowCount(x), n: axisLength(weight, 0), k: axisLength(weight, 1) };
  const { info, address } = runtime.heap.output([...x.shape.slice(0, -1), sizes.n]);
  const bias = inputs.bias === undefined ? 0 : runtime.heap.addressOf(inputs.bias);
  const viewX = matrixView(runtime.heap.addressOf(x), sizes.k, false);
  const viewWeight = matrixView(runtime.heap.addressOf(weight), sizes.k, true);
  multiplyMatrices(runtime, viewX, viewWeight, sizes, address, bias);
  return [info];
};

/** dx [..., in] = dy [..., out] W [out, in]. */
export const linearInputGradient: WasmKernel = (runtime, inputs) => {
  const dy = tensorInput(inputs, 'dy');
  const weight = tensorInput(inputs, 'weight');
  const sizes = { m: rowCount(dy), n: axisLength(weight, 1), k: axisLength(weight, 0) };
  const { info, address } = runtime.heap.output([...dy.shape.slice(0, -1), sizes.n]);
  const viewDy = matrixView(runtime.heap.addressOf(dy), sizes.k, false);
  const viewWeight = matrixView(runtime.heap.addressOf(weight), sizes.n, false);
  multiplyMatrices(runtime, viewDy, viewWeight, sizes, address);
  return [info];
};

/** dW [out, in] = dy^T x over all rows. */
export const linearWeightGradient: WasmKernel = (runtime, inputs) => {
  const dy = tensorInput(inputs, 'dy');
  const x = tensorInput(inputs, 'x');
  const sizes = { m: axisLength(dy, -1), n: axisLength(x, -1), k: rowCount(x) };
  const { info, address } = runtime.heap.output([sizes.m, sizes.n]);
  const viewDy = matrixView(runtime.heap.addressOf(dy), sizes.m, true);
  const viewX = matrixView(runtime.heap.addressOf(x), sizes.n, false);
  multiplyMatrices(runtime, viewDy, viewX, sizes, address);
  return [info];
};
