// The module that src/kernels/wasm loads: every function works on addresses in the heap of the tfjs wasm backend, on
// the items begin..end-1 of its job, so that any split of the items over threads gives the same bytes.

export { adamW, sumOfSquares } from './adamw';
export { attend, attendGradient } from './attention';
export { convolve, convolveGradient, sumConvolutionParts } from './causal-depthwise-convolution';
export { dropout } from './dropout';
export {
  gelu,
  geluGradient,
  silu,
  siluGate,
  siluGateGradient,
  siluGradient,
  softplus,
  softplusGradient,
} from './elementwise';
export { lookUpRows, segmentSum } from './embedding-lookup';
export { layerNorm, layerNormGradient } from './layer-normalization';
export { multiplyPanels, packPanels } from './matrix-multiply';
export { sumRows } from './row-sums';
export { multiplyByDecay, scanBackward, scanForward } from './selective-scan';
export { targetLogProbability, targetLogProbabilityGradient } from './target-log-probability';
