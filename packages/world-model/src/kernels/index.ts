export {
  type AdamWSlot,
  type AdamWStep,
  adamWStep,
  clippingFactor,
  globalNorm,
} from './adamw.js';
export { type AttentionOptions, scaledDotProductAttention } from './attention.js';
export { causalDepthwiseConvolution } from './causal-depthwise-convolution.js';
export { columnSums } from './column-sums.js';
export { type DropoutKey, dropout, dropoutMask } from './dropout.js';
export { embeddingLookup, gatherSteps, segmentSum } from './embedding-lookup.js';
export { gelu } from './gelu.js';
export { addLayerNorm, LAYER_NORM_EPSILON, layerNorm } from './layer-normalization.js';
export { linear, type MatrixMultiplyOptions, matrixMultiply } from './matrix-multiply.js';
export { type SelectiveScanInputs, selectiveScan } from './selective-scan.js';
export { silu, siluGate } from './silu.js';
export { softplus } from './softplus.js';
export { targetLogProbability } from './target-log-probability.js';
export { OP_SOURCES, OPS_VERSION } from './tensorflow/op-library.js';
export { startWasmBackend, type WasmBackend, type WasmBackendOptions } from './wasm/start-wasm-backend.js';
