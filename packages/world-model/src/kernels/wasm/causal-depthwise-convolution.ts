import { axisLength } from '../shapes.js';
import { tensorInput, type WasmKernel } from './kernel-runtime.js';

/** Channels whose parts a thread sums at once. */
const GRAIN_CHANNELS = 256;

export const causalDepthwiseConvolution: WasmKernel = ({ heap, run }, inputs) => {
  const x = tensorInput(inputs, 'x');
  const weight = tensorInput(inputs, 'weight');
  const [batch, length, channels] = [axisLength(x, 0), axisLength(x, 1), axisLength(x, 2)];
  const taps = axisLength(weight, 2);
  const { info, address } = heap.output(x.shape);
  const addresses = [x, weight, tensorInput(inputs, 'bias')].map(heap.addressOf);
  run('convolve', [...addresses, address, length, channels, taps], {
    items: batch,
    scratchBytes: taps * channels * 4,
  });
  return [info];
};

export const causalDepthwiseConvolutionGradient: WasmKernel = ({ heap, run, workspace }, inputs) => {
  const x = tensorInput(inputs, 'x');
  const weight = tensorInput(inputs, 'weight');
  const [batch, length, channels] = [axisLength(x, 0), axisLength(x, 1), axisLength(x, 2)];
  const taps = axisLength(weight, 2);
  const parts = workspace(batch * (taps + 1) * channels * 4); // [B, K + 1, E]
  const dx = heap.output(x.shape);
  const dWeight = heap.output(weight.shape);
  const dBias = heap.output([channels]);
  const addresses = [tensorInput(inputs, 'dy'), x, weight].map(heap.addressOf);
  run('convolveGradient', [...addresses, dx.address, parts, length, channels, taps], {
    items: batch,
    scratchBytes: taps * channels * 4,
  });
  run('sumConvolutionParts', [parts, batch, channels, taps, dWeight.address, dBias.address], {
    items: channels,
    grain: GRAIN_CHANNELS,
  });
  return [dx.info, dWeight.info, dBias.info];
};
