import { LAYER_NORM_EPSILON } from '../layer-normalization.js';
import { axisLength, rowCount } from '../shapes.js';
import { tensorInput, type WasmKernel } from './kernel-runtime.js';
import { sumRowsInto } from './row-sums.js';

/** Elements that a thread takes at once. */
const GRAIN = 16_384;
/** Rows whose parts of the parameter gradients are summed before all parts are. */
const BLOCK_ROWS = 32;

export const layerNorm: WasmKernel = ({ heap, run }, inputs) => {
  const x = tensorInput(inputs, 'x');
  const channels = axisLength(x, -1);
  const { info, address } = heap.output(x.shape);
  const [gamma, beta] = [tensorInput(inputs, 'gamma'), tensorInput(inputs, 'beta')].map(heap.addressOf);
  run('layerNorm', [heap.addressOf(x), gamma ?? 0, beta ?? 0, address, channels, LAYER_NORM_EPSILON], {
    items: rowCount(x),
    grain: Math.ceil(GRAIN / channels),
  });
  return [info];
};

export const layerNormGradient: WasmKernel = (runtime, inputs) => {
  const { heap, run, workspace } = runtime;
  const x = tensorInput(inputs, 'x');
  const channels = axisLength(x, -1);
  const rows = rowCount(x);
  const blocks = Math.ceil(rows / BLOCK_ROWS);
  const parts = workspace(blocks * 2 * channels * 4); // [blocks, 2, C]
  const dx = heap.output(x.shape);
  const dGamma = heap.output([channels]);
  const dBeta = heap.output([channels]);
  const addresses = [tensorInput(inputs, 'dy'), x, tensorInput(inputs, 'gamma')].map(heap.addressOf);
  run(
    'layerNormGradient',
    [...addresses, dx.address, parts, rows, channels, BLOCK_ROWS, LAYER_NORM_EPSILON],
    {
      items: blocks,
    },
  );
  sumRowsInto(runtime, parts, 2 * channels, blocks, dGamma.address, channels);
  sumRowsInto(runtime, parts + channels * 4, 2 * channels, blocks, dBeta.address, channels);
  return [dx.info, dGamma.info, dBeta.info];
};
