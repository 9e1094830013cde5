import { axisLength, rowCount } from '../shapes.js';
import { checkIds } from './embedding-lookup.js';
import { tensorInput, type WasmKernel } from './kernel-runtime.js';

export const targetLogProbability: WasmKernel = ({ heap, run }, inputs) => {
  const logits = tensorInput(inputs, 'logits');
  const targets = tensorInput(inputs, 'targets');
  const classes = axisLength(logits, -1);
  checkIds(heap, 'targetLogProbability', targets, classes);
  const { info, address } = heap.output(targets.shape);
  run('targetLogProbability', [heap.addressOf(logits), heap.addressOf(targets), address, classes], {
    items: rowCount(logits),
    grain: Math.ceil(8192 / classes),
    scratchBytes: classes * 4,
  });
  return [info];
};

export const targetLogProbabilityGradient: WasmKernel = ({ heap, run }, inputs) => {
  const logits = tensorInput(inputs, 'logits');
  const classes = axisLength(logits, -1);
  const { info, address } = heap.output(logits.shape);
  const addresses = [tensorInput(inputs, 'dy'), logits, tensorInput(inputs, 'targets')].map(heap.addressOf);
  run('targetLogProbabilityGradient', [...addresses, address, classes], {
    items: rowCount(logits),
    grain: Math.ceil(8192 / classes),
  });
  return [info];
};
