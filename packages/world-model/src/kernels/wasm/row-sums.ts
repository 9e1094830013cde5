import { axisLength, rowCount } from '../shapes.js';
import { type KernelRuntime, tensorInput, type WasmKernel } from './kernel-runtime.js';

/** Elements that a thread adds at once. */
const GRAIN = 65_536;

/** target [columns] = sum of `rows` rows that lie `rowStride` floats apart. */
export function sumRowsInto(
  { run }: KernelRuntime,
  source: number,
  rowStride: number,
  rows: number,
  target: number,
  columns: number,
): void {
  const grain = Math.ceil(GRAIN / Math.max(rows, 1) / 16) * 16;
  run('sumRows', [source, rowStride, rows, target], { items: columns, grain });
}

export const columnSums: WasmKernel = (runtime, inputs) => {
  const x = tensorInput(inputs, 'x');
  const columns = axisLength(x, -1);
  const { info, address } = runtime.heap.output([columns]);
  sumRowsInto(runtime, runtime.heap.addressOf(x), columns, rowCount(x), address, columns);
  return [info];
};
