import type * as tf from '@tensorflow/tfjs';
import { axisLength } from '../shapes.js';
import { tensorInput, type WasmKernel } from './kernel-runtime.js';
import { sumRowsInto } from './row-sums.js';

const INPUTS = ['x', 'dt', 'aLog', 'b', 'c', 'd'] as const;
/** Channels that are read side by side (assembly/selective-scan.ts). */
const CHANNEL_BLOCK = 16;
/** A batch smaller than this is split by channels as well, so that all threads have work. */
const ENOUGH_ITEMS = 8;
const ELEMENTWISE_GRAIN = 16_384;

interface ScanSizes {
  readonly batch: number;
  readonly length: number;
  readonly channels: number;
  readonly states: number;
  /** Groups of channels per batch row. They follow from the shapes alone: the order of sums must not know the threads. */
  readonly groups: number;
  readonly groupChannels: number;
}

export const selectiveScan: WasmKernel = ({ heap, run }, inputs) => {
  const { batch, length, channels, states, groups, groupChannels } = scanSizes(inputs);
  const { info, address } = heap.output(tensorInput(inputs, 'x').shape);
  const addresses = INPUTS.map((name) => heap.addressOf(tensorInput(inputs, name)));
  run('scanForward', [...addresses, address, length, channels, states, groups, groupChannels], {
    items: batch * groups,
    scratchBytes: scratchBytes(length, states),
  });
  return [info];
};

export const selectiveScanGradient: WasmKernel = (runtime, inputs) => {
  const { heap, run, workspace } = runtime;
  const { batch, length, channels, states, groups, groupChannels } = scanSizes(inputs);
  const [x, aLog, b, c] = [
    tensorInput(inputs, 'x'),
    tensorInput(inputs, 'aLog'),
    tensorInput(inputs, 'b'),
    tensorInput(inputs, 'c'),
  ];
  const outputs = {
    x: heap.output(x.shape),
    dt: heap.output(x.shape),
    aLog: heap.output(aLog.shape),
    b: heap.output(b.shape),
    c: heap.output(c.shape),
    d: heap.output([channels]),
  };
  const stateSize = channels * states;
  const rowSize = batch * length * states;
  const partsA = workspace((batch * stateSize + 2 * groups * rowSize + batch * channels + stateSize) * 4); // [B, E, N]
  const partsB = partsA + batch * stateSize * 4; // [groups, B, L, N]
  const partsC = partsB + groups * rowSize * 4; // [groups, B, L, N]
  const partsD = partsC + groups * rowSize * 4; // [B, E]
  const addresses = INPUTS.map((name) => heap.addressOf(tensorInput(inputs, name)));
  run(
    'scanBackward',
    [
      ...[heap.addressOf(tensorInput(inputs, 'dy')), ...addresses],
      ...[outputs.x.address, outputs.dt.address, partsA, partsB, partsC, partsD],
      ...[batch, length, channels, states, groups, groupChannels],
    ],
    { items: batch * groups, scratchBytes: scratchBytes(length, states) },
  );
  sumRowsInto(runtime, partsA, stateSize, batch, outputs.aLog.address, stateSize);
  run('multiplyByDecay', [outputs.aLog.address, heap.addressOf(aLog)], {
    items: stateSize,
    grain: ELEMENTWISE_GRAIN,
  });
  sumRowsInto(runtime, partsB, rowSize, groups, outputs.b.address, rowSize);
  sumRowsInto(runtime, partsC, rowSize, groups, outputs.c.address, rowSize);
  sumRowsInto(runtime, partsD, channels, batch, outputs.d.address, channels);
  return INPUTS.map((name) => outputs[name].info);
};

function scanSizes(inputs: Readonly<Record<string, tf.TensorInfo>>): ScanSizes {
  const x = tensorInput(inputs, 'x');
  const [batch, length, channels] = [axisLength(x, 0), axisLength(x, 1), axisLength(x, 2)];
  const states = axisLength(tensorInput(inputs, 'aLog'), 1);
  const blocks = Math.ceil(channels / CHANNEL_BLOCK);
  const wanted = Math.min(Math.ceil(ENOUGH_ITEMS / Math.max(batch, 1)), blocks);
  const groupChannels = Math.ceil(blocks / wanted) * CHANNEL_BLOCK;
  return { batch, length, channels, states, groups: Math.ceil(channels / groupChannels), groupChannels };
}

/** An upper bound for both directions: rows of padded states and series of a block of channels. */
function scratchBytes(length: number, states: number): number {
  const row = Math.ceil(states / 4) * 16;
  return (6 * length + 4) * row + 5 * CHANNEL_BLOCK * length * 4;
}
