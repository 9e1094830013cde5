import { axisLength } from '../shapes.js';
import { dropoutConstants } from './elementwise.js';
import { tensorInput, type WasmKernel } from './kernel-runtime.js';

export const attention: WasmKernel = ({ heap, run }, inputs, { heads, causal, rate, seed }) => {
  const [query, key, value] = [
    tensorInput(inputs, 'query'),
    tensorInput(inputs, 'key'),
    tensorInput(inputs, 'value'),
  ];
  const [batch, queries, width] = [axisLength(query, 0), axisLength(query, 1), axisLength(query, 2)];
  const keys = axisLength(key, 1);
  const out = heap.output(query.shape);
  const probabilities = heap.output([batch, Number(heads), queries, keys]);
  const keyValid = inputs.keyValid === undefined ? 0 : heap.addressOf(inputs.keyValid);
  const { threshold, scale } = dropoutConstants(Number(rate));
  run(
    'attend',
    [
      ...[query, key, value].map(heap.addressOf),
      ...[keyValid, out.address, probabilities.address],
      ...[queries, keys, width, Number(heads), causal === true ? 1 : 0, Number(seed), threshold, scale],
    ],
    { items: batch * Number(heads), scratchBytes: scratchBytes(queries, keys, width / Number(heads)) },
  );
  return [out.info, probabilities.info];
};

export const attentionGradient: WasmKernel = ({ heap, run }, inputs, { heads, rate, seed }) => {
  const [query, key, value] = [
    tensorInput(inputs, 'query'),
    tensorInput(inputs, 'key'),
    tensorInput(inputs, 'value'),
  ];
  const [batch, queries, width] = [axisLength(query, 0), axisLength(query, 1), axisLength(query, 2)];
  const keys = axisLength(key, 1);
  const gradients = [heap.output(query.shape), heap.output(key.shape), heap.output(value.shape)];
  const { threshold, scale } = dropoutConstants(Number(rate));
  run(
    'attendGradient',
    [
      ...[tensorInput(inputs, 'dy'), query, key, value, tensorInput(inputs, 'probabilities')].map(
        heap.addressOf,
      ),
      ...gradients.map(({ address }) => address),
      ...[queries, keys, width, Number(heads), Number(seed), threshold, scale],
    ],
    { items: batch * Number(heads), scratchBytes: scratchBytes(queries, keys, width / Number(heads)) },
  );
  return gradients.map(({ info }) => info);
};

/** `attentionScratch` of assembly/attention.ts. */
function scratchBytes(queries: number, keys: number, headWidth: number): number {
  const longest = Math.max(queries, keys) + 8;
  const deepest = Math.max(longest, headWidth + 8);
  return 192 + 8 * longest * deepest + 8 * queries * keys;
}
