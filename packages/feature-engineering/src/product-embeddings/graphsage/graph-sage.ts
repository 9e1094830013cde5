// The network: two layers with mean aggregators, one for each type of edge (Hamilton, Ying and Leskovec 2017;
// Schlichtkrull et al. 2018 for several types), beside a residual path from the spectral embedding.
//
//   P  products        G  category nodes        F  node features        H  hidden width
//
//   h = relu(W1 [x | cop x | sub x | hier x] + hier C + b1)          [P, H]
//   z = W2 [h | cop h | sub h | hier h] + b2 + R (s * spectral)       [P, 256]
//   result: z / |z|
//
// cop, sub: weighted mean over the sampled neighbours. hier: mean over the categories of a product, each of which is
// the mean of its products. C: a learned vector for every category. R starts as the identity and s as ones, so that
// training starts from the spectral embedding.

import { keyedStream } from '@retail-sim/random';
import { dropout, linear } from '@retail-sim/world-model';
import * as tf from '@tensorflow/tfjs';
import { PRODUCT_EMBEDDING_SIZE } from '../../schemas/product-embeddings.js';
import { applySparseMean, type SparseMean } from './sparse-mean.js';

export const HIDDEN_SIZE = 128;
export const EDGE_TYPES = ['copurchase', 'substitution', 'hierarchy'] as const;
type Block = 'self' | (typeof EDGE_TYPES)[number];
const BLOCKS: readonly Block[] = ['self', ...EDGE_TYPES];

/** The second layer starts small, so that the residual path leads. */
const OUTPUT_SCALE = 0.05;
/** s = exp(10 t): t learns at the pace of the other parameters, s ten times as fast. */
const LOG_SCALE_FACTOR = 10;
const DROPOUT = 0.3;
/** Keeps the norm of a row differentiable at zero. */
const NORM_EPSILON = 1e-6;

/** By name; all trained. */
export type GraphSageParameters = ReadonlyMap<string, tf.Variable>;

export interface GraphSageInputs {
  /** `[P, F]`. */
  readonly features: tf.Tensor;
  /** Unit rows, `[P, 256]`. */
  readonly spectral: tf.Tensor;
  /** `[P, P]`. */
  readonly copurchase: SparseMean;
  readonly substitution: SparseMean;
  /** `[G, P]` and `[P, G]`. */
  readonly categoryOfProducts: SparseMean;
  readonly productOfCategories: SparseMean;
}

/** Seeded initial parameters; each is drawn by its name. */
export function createGraphSage(seed: number, features: number, categories: number): GraphSageParameters {
  const parameters = new Map<string, tf.Variable>();
  const add = (name: string, shape: [number, number] | [number], value: (at: number) => number) => {
    const size = shape.reduce((product, length) => product * length, 1);
    parameters.set(
      name,
      tf.variable(
        tf.tensor(
          Float32Array.from({ length: size }, (_, at) => value(at)),
          shape,
        ),
      ),
    );
  };
  const normals = (name: string, scale: number) => {
    const { normal } = keyedStream(seed, 'graphsage', name);
    return () => scale * normal();
  };
  for (const block of BLOCKS) {
    const first = `layer1.${block}`;
    add(first, [HIDDEN_SIZE, features], normals(first, 1 / Math.sqrt(BLOCKS.length * features)));
    const second = `layer2.${block}`;
    const scale = OUTPUT_SCALE / Math.sqrt(BLOCKS.length * HIDDEN_SIZE);
    add(second, [PRODUCT_EMBEDDING_SIZE, HIDDEN_SIZE], normals(second, scale));
  }
  add('layer1.bias', [HIDDEN_SIZE], () => 0);
  add('layer1.categories', [Math.max(1, categories), HIDDEN_SIZE], () => 0);
  add('layer2.bias', [PRODUCT_EMBEDDING_SIZE], () => 0);
  add('residual.rotation', [PRODUCT_EMBEDDING_SIZE, PRODUCT_EMBEDDING_SIZE], (at) =>
    at % (PRODUCT_EMBEDDING_SIZE + 1) === 0 ? 1 : 0,
  );
  add('residual.scale', [PRODUCT_EMBEDDING_SIZE], () => 0);
  // Logarithm, relative to the first temperature of the loss.
  add('loss.temperature', [1], () => 0);
  return parameters;
}

/** Unit rows, `[P, 256]`. With a seed, hidden units are dropped as in training. */
export function graphSageVectors(
  parameters: GraphSageParameters,
  inputs: GraphSageInputs,
  dropoutSeed?: number,
): tf.Tensor {
  const { features, spectral, productOfCategories } = inputs;
  const bias = parameter(parameters, 'layer1.bias');
  const ofCategories = applySparseMean(productOfCategories, parameter(parameters, 'layer1.categories')); // [P, H]
  const sums = layer(parameters, 'layer1', features, inputs).add(ofCategories).add(bias); // [P, H]
  const hidden =
    dropoutSeed === undefined ? tf.relu(sums) : dropout(tf.relu(sums), { rate: DROPOUT, seed: dropoutSeed });
  const scale = parameter(parameters, 'residual.scale').mul(LOG_SCALE_FACTOR).exp(); // [256]
  const residual = linear(spectral.mul(scale), parameter(parameters, 'residual.rotation')); // [P, 256]
  const output = layer(parameters, 'layer2', hidden, inputs)
    .add(parameter(parameters, 'layer2.bias'))
    .add(residual); // [P, 256]
  return output.div(output.square().sum(1, true).add(NORM_EPSILON).sqrt());
}

/** W [x | cop x | sub x | hier x], as the sum of four products: `[P, in]` -> `[P, out]`. */
function layer(
  parameters: GraphSageParameters,
  name: 'layer1' | 'layer2',
  x: tf.Tensor,
  { copurchase, substitution, categoryOfProducts, productOfCategories }: GraphSageInputs,
): tf.Tensor {
  const seen: Readonly<Record<Block, tf.Tensor>> = {
    self: x,
    copurchase: applySparseMean(copurchase, x),
    substitution: applySparseMean(substitution, x),
    hierarchy: applySparseMean(productOfCategories, applySparseMean(categoryOfProducts, x)),
  };
  return BLOCKS.map((block) => linear(seen[block], parameter(parameters, `${name}.${block}`))).reduce(
    (sum, product) => sum.add(product),
  );
}

function parameter(parameters: GraphSageParameters, name: string): tf.Variable {
  const variable = parameters.get(name);
  if (variable === undefined) throw new TypeError(`GraphSAGE has no parameter ${name}`);
  return variable;
}
