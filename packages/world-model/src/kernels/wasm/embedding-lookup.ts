import { InputError } from '@retail-sim/errors';
import type * as tf from '@tensorflow/tfjs';
import { axisLength, sizeOf } from '../shapes.js';
import type { TensorHeap } from './heap.js';
import { tensorInput, type WasmKernel } from './kernel-runtime.js';

/** Elements that a thread copies or adds at once. */
const GRAIN = 65_536;

export const embeddingLookup: WasmKernel = ({ heap, run }, inputs) => {
  const table = tensorInput(inputs, 'table');
  const ids = tensorInput(inputs, 'ids');
  const [tableRows, width] = [axisLength(table, 0), axisLength(table, 1)];
  checkIds(heap, 'embeddingLookup', ids, tableRows);
  const { info, address } = heap.output([...ids.shape, width]);
  run('lookUpRows', [heap.addressOf(table), heap.addressOf(ids), address, width], {
    items: sizeOf(ids.shape),
    grain: Math.ceil(GRAIN / width),
  });
  return [info];
};

export const segmentSum: WasmKernel = ({ heap, run }, inputs, { segments }) => {
  const values = tensorInput(inputs, 'values');
  const ids = tensorInput(inputs, 'ids');
  const rows = sizeOf(ids.shape);
  const width = axisLength(values, -1);
  checkIds(heap, 'segmentSum', ids, Number(segments));
  const { info, address } = heap.output([Number(segments), width]);
  run('segmentSum', [heap.addressOf(values), heap.addressOf(ids), address, rows, Number(segments), width], {
    items: width,
    grain: Math.ceil(GRAIN / (rows + Number(segments)) / 16) * 16,
  });
  return [info];
};

/** Ids outside the table would read or write other tensors. */
export function checkIds(heap: TensorHeap, op: string, ids: tf.TensorInfo, limit: number): void {
  if (ids.dtype !== 'int32') {
    throw new InputError({
      what: `${op}: ids are ${ids.dtype}, expected int32`,
      remedy: 'pass ids as int32',
    });
  }
  const values = new Int32Array(heap.memory.buffer, heap.addressOf(ids), sizeOf(ids.shape));
  const wrong = values.findIndex((id) => id < 0 || id >= limit);
  if (wrong >= 0) {
    throw new InputError({
      what: `${op}: id ${values[wrong]} at element ${wrong} is outside 0..${limit - 1}`,
      remedy: 'clamp padding ids to a valid row before the look-up',
    });
  }
}
