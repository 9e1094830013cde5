import { adamWStep, sumOfSquares } from './adamw.js';
import { attention, attentionGradient } from './attention.js';
import {
  causalDepthwiseConvolution,
  causalDepthwiseConvolutionGradient,
} from './causal-depthwise-convolution.js';
import { dropout, elementwise } from './elementwise.js';
import { embeddingLookup, segmentSum } from './embedding-lookup.js';
import { identity } from './identity.js';
import type { WasmKernel } from './kernel-runtime.js';
import { layerNorm, layerNormGradient } from './layer-normalization.js';
import { linear, linearInputGradient, linearWeightGradient, matrixMultiply } from './matrix-multiply.js';
import { columnSums } from './row-sums.js';
import { selectiveScan, selectiveScanGradient } from './selective-scan.js';
import { targetLogProbability, targetLogProbabilityGradient } from './target-log-probability.js';

/** By the name under which the op defines its kernel. */
export const WASM_KERNELS: Readonly<Record<string, WasmKernel>> = {
  AdamWStep: adamWStep,
  CausalDepthwiseConvolution: causalDepthwiseConvolution,
  CausalDepthwiseConvolutionGradient: causalDepthwiseConvolutionGradient,
  ColumnSums: columnSums,
  EmbeddingLookup: embeddingLookup,
  GeluErf: elementwise('gelu', ['x']),
  GeluErfGradient: elementwise('geluGradient', ['dy', 'x']),
  Identity: identity,
  KeyedDropout: dropout,
  LayerNormalization: layerNorm,
  LayerNormalizationGradient: layerNormGradient,
  Linear: linear,
  LinearInputGradient: linearInputGradient,
  LinearWeightGradient: linearWeightGradient,
  MatrixMultiply: matrixMultiply,
  ScaledDotProductAttention: attention,
  ScaledDotProductAttentionGradient: attentionGradient,
  SegmentSum: segmentSum,
  SelectiveScan: selectiveScan,
  SelectiveScanGradient: selectiveScanGradient,
  Silu: elementwise('silu', ['x']),
  SiluGate: elementwise('siluGate', ['y', 'z']),
  SiluGateGradient: elementwise('siluGateGradient', ['dy', 'y', 'z'], 2),
  SiluGradient: elementwise('siluGradient', ['dy', 'x']),
  StableSoftplus: elementwise('softplus', ['x']),
  StableSoftplusGradient: elementwise('softplusGradient', ['dy', 'x']),
  SumOfSquares: sumOfSquares,
  TargetLogProbability: targetLogProbability,
  TargetLogProbabilityGradient: targetLogProbabilityGradient,
};
