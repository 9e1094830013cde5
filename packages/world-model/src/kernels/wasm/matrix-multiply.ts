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

/** From this many multiply-adds on, a native product gives back the cost of calling it. */
const LEAST_NATIVE_MULTIPLY_ADDS = 1_000_000;

/** A row-major matrix on the heap, read as it is or transposed. */
export interface MatrixOperand {
  readonly address: number;
  readonly transposed: boolean;
}

export interface ProductSizes {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** target [m, n] = a [m, k] b [k, n] + bias [n], sizes after any transposition; bias 0 means none. */
export function multiplyMatrices(
  runtime: KernelRuntime,
  a: MatrixOperand,
  b: MatrixOperand,
  sizes: ProductSizes,
  target: number,
  bias = 0,
): void {
  const { m, n, k } = sizes;
  if (m === 0 || n === 0) return;
  if (runtime.nativeGemm !== undefined && m * n * k >= LEAST_NATIVE_MULTIPLY_ADDS) {
    const floats = (address: number, length: number) =>
      new Float32Array(runtime.heap.memory.buffer, address, length);
    runtime.nativeGemm(
      {
        a: floats(a.address, m * k),
        b: floats(b.address, k * n),
        bias: bias === 0 ? undefined : floats(bias, n),
        target: floats(target, m * n),
      },
      { ...sizes, transposeA: a.transposed, transposeB: b.transposed },
    );
  } else {
    multiplyInPanels(runtime, a, b, sizes, target, bias);
  }
}

function multiplyInPanels(
  runtime: KernelRuntime,
  a: MatrixOperand,
  b: MatrixOperand,
  { m, n, k }: ProductSizes,
  target: number,
  bias: number,
): void {
  const rowPanelCount = Math.ceil(m / TILE_ROWS);
  const columnPanelCount = Math.ceil(n / TILE_COLUMNS);
  const rowPanelBytes = rowPanelCount * TILE_ROWS * k * 4;
  const rowPanels = runtime.workspace(rowPanelBytes + columnPanelCount * TILE_COLUMNS * k * 4);
  const columnPanels = rowPanels + rowPanelBytes;
  // Distances in floats between neighbours along the result's axis and along the inner one.
  const [rowStride, rowDepthStride] = a.transposed ? [1, m] : [k, 1];
  const [columnStride, columnDepthStride] = b.transposed ? [k, 1] : [1, n];
  runtime.run(
    'packPanels',
    [
      ...[a.address, rowStride, rowDepthStride, m, rowPanels],
      ...[b.address, columnStride, columnDepthStride, n, columnPanels, k],
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

export const matrixMultiply: WasmKernel = (runtime, inputs, attributes) => {
  const a = tensorInput(inputs, 'a');
  const b = tensorInput(inputs, 'b');
  const transposeA = attributes.transposeA === true;
  const transposeB = attributes.transposeB === true;
  const m = axisLength(a, transposeA ? -1 : -2);
  const k = axisLength(a, transposeA ? -2 : -1);
  const n = axisLength(b, transposeB ? -2 : -1);
  const batch = a.shape.slice(0, -2);
  const { info, address } = runtime.heap.output([...batch, m, n]);
  const [addressA, addressB] = [runtime.heap.addressOf(a), runtime.heap.addressOf(b)];
  for (let group = 0; group < sizeOf(batch); group++) {
    const operandA = { address: addressA + group * m * k * 4, transposed: transposeA };
    const operandB = { address: addressB + group * k * n * 4, transposed: transposeB };
    multiplyMatrices(runtime, operandA, operandB, { m, n, k }, address + group * m * n * 4);
  }
  return [info];
};

/** y [..., out] = x [..., in] W^T + bias. */
export const linear: WasmKernel = (runtime, inputs) => {
  const x = tensorInput(inputs, 'x');
  const weight = tensorInput(inputs, 'weight');
  const sizes = { m: rowCount(x), n: axisLength(weight, 0), k: axisLength(weight, 1) };
  const { info, address } = runtime.heap.output([...x.shape.slice(0, -1), sizes.n]);
  const bias = inputs.bias === undefined ? 0 : runtime.heap.addressOf(inputs.bias);
  multiplyMatrices(runtime, asIs(runtime, x), transposed(runtime, weight), sizes, address, bias);
  return [info];
};

/** dx [..., in] = dy [..., out] W [out, in]. */
export const linearInputGradient: WasmKernel = (runtime, inputs) => {
  const dy = tensorInput(inputs, 'dy');
  const weight = tensorInput(inputs, 'weight');
  const sizes = { m: rowCount(dy), n: axisLength(weight, 1), k: axisLength(weight, 0) };
  const { info, address } = runtime.heap.output([...dy.shape.slice(0, -1), sizes.n]);
  multiplyMatrices(runtime, asIs(runtime, dy), asIs(runtime, weight), sizes, address);
  return [info];
};

/** dW [out, in] = dy^T x over all rows. */
export const linearWeightGradient: WasmKernel = (runtime, inputs) => {
  const dy = tensorInput(inputs, 'dy');
  const x = tensorInput(inputs, 'x');
  const sizes = { m: axisLength(dy, -1), n: axisLength(x, -1), k: rowCount(x) };
  const { info, address } = runtime.heap.output([sizes.m, sizes.n]);
  multiplyMatrices(runtime, transposed(runtime, dy), asIs(runtime, x), sizes, address);
  return [info];
};

function asIs({ heap }: KernelRuntime, tensor: tf.TensorInfo): MatrixOperand {
  return { address: heap.addressOf(tensor), transposed: false };
}

function transposed({ heap }: KernelRuntime, tensor: tf.TensorInfo): MatrixOperand {
  return { address: heap.addressOf(tensor), transposed: true };
}
