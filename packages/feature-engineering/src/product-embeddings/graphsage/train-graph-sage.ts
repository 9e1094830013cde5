// Trains the network to tell links from pairs that are none. A link that is to be predicted is taken out of all that
// the network sees in that step, its spectral features included: it would else learn to read the answer.

import { setImmediate } from 'node:timers/promises';
import { keyedStream, type RandomStream, shuffledOrder } from '@retail-sim/random';
import { type AdamWSlot, adamWStep } from '@retail-sim/world-model';
import * as tf from '@tensorflow/tfjs';
import { PRODUCT_EMBEDDING_SIZE } from '../../schemas/product-embeddings.js';
import { strongestLinks } from '../links.js';
import type { ProductEmbeddingsInput } from '../read-embedding-input.js';
import type { SpectralEmbedding } from '../spectral-embedding.js';
import { unitRows } from '../unit-rows.js';
import { createGraphSage, type GraphSageParameters, graphSageVectors } from './graph-sage.js';
import { type LinkBatch, linkLoss } from './link-loss.js';
import { validationPairs, validationScore } from './link-validation.js';
import { type HardNegatives, hardNegatives } from './negatives.js';
import { FEATURE_SIZE, type NodeFeatures, nodeFeatures } from './node-features.js';
import {
  allSeen,
  closeInputs,
  openInputs,
  type ProductGraph,
  productGraph,
  someSeen,
} from './product-graph.js';

const STEPS = 40;
const WARM_UP_STEPS = 5;
const LEARNING_RATE = 4e-3;
/** The rate falls linearly to this share of it. */
const LAST_RATE = 0.1;
const ADAM = { beta1: 0.9, beta2: 0.99 } as const;
const LINKS_PER_STEP = 1024;
/** In small data a step hides no more than this share of the links: the network has to see what it will see later. */
const MOST_HIDDEN = 0.1;
const UNIFORM_PER_STEP = 512;
const HARD_PER_LINK = 5;
const FIRST_TEMPERATURE = 0.1;
/** Links that decide when to stop. */
const VALIDATION_SHARE = 0.05;
const CHECK_EVERY = 5;
/** Checks without a better score after which training stops. */
const PATIENCE = 3;
/** Fewer links than this teach nothing. */
const FEWEST_LINKS = 100;

export interface TrainingOptions {
  readonly seed: number;
  /** 1 for pairs to act as if they had never been bought together, `[N]`. */
  readonly leaveOut?: Uint8Array;
  readonly onStep?: (step: number, steps: number) => void;
  readonly signal?: AbortSignal;
}

export interface TrainedGraphSage {
  /** Unit rows, `[P, 256]`. */
  readonly vectors: Float32Array;
  readonly links: number;
  /** Steps taken, and the one whose parameters are kept. */
  readonly steps: number;
  readonly bestStep: number;
  /** On the validation links, see `validationScore`. */
  readonly score: number;
}

/** Trains on the current device of tfjs; `undefined` where there are too few links. */
export async function trainGraphSage(
  input: ProductEmbeddingsInput,
  spectral: SpectralEmbedding,
  { seed, leaveOut: given, onStep, signal }: TrainingOptions,
): Promise<TrainedGraphSage | undefined> {
  const { products, jointBaskets } = input;
  const leaveOut = given ?? new Uint8Array(jointBaskets.count.length);
  const links = strongestLinks(jointBaskets, leaveOut);
  if (links.length < FEWEST_LINKS) return undefined;

  const { training, validation } = splitLinks(links, seed);
  const withoutValidation = leaveOut.slice();
  for (const pair of validation) withoutValidation[pair] = 1;
  const featuresWithout = nodeFeatures(products, jointBaskets, spectral, withoutValidation);
  const graph = productGraph(input, training);
  const hardNegative = hardNegatives(products, jointBaskets.perProduct);
  const pairs = validationPairs(
    jointBaskets,
    validation,
    hardNegative,
    keyedStream(seed, 'graphsage', 'validation-negatives'),
  );

  const linksPerStep = Math.min(LINKS_PER_STEP, Math.ceil(training.length * MOST_HIDDEN));
  const parameters = createGraphSage(seed, FEATURE_SIZE, graph.hierarchy.count);
  const slots = Array.from(parameters.values(), optimizerSlot);
  const check = async (step: number) => ({
    step,
    score: validationScore(await vectorsOf(parameters, featuresWithout([]), graph), pairs),
    values: await readParameters(parameters),
  });
  try {
    let best = await check(0);
    let step = 0;
    while (step < STEPS && step - best.step < PATIENCE * CHECK_EVERY) {
      signal?.throwIfAborted();
      step += 1;
      const stream = keyedStream(seed, 'graphsage', 'step', step);
      const drawn = Array.from({ length: linksPerStep }, () => stream.below(training.length));
      const hidden = new Uint8Array(training.length);
      for (const place of drawn) hidden[place] = 1;
      const seen = someSeen(graph, stream, hidden);
      const inputs = openInputs(
        featuresWithout(training.filter((_, place) => hidden[place] === 1)),
        graph,
        seen,
      );
      const batch = drawBatch(
        input,
        drawn.map((place) => training[place] ?? 0),
        hardNegative,
        stream,
      );
      const dropoutSeed = stream.uint32();
      const loss = () =>
        linkLoss(graphSageVectors(parameters, inputs, dropoutSeed), batch, temperature(parameters));
      updateParameters(slots, loss, step);
      closeInputs(inputs);
      onStep?.(step, STEPS);
      if (step % CHECK_EVERY === 0) {
        const checked = await check(step);
        if (checked.score > best.score) best = checked;
      }
      // Lets an abort and the progress display through.
      await setImmediate();
    }
    writeParameters(parameters, best.values);
    const features = nodeFeatures(products, jointBaskets, spectral, leaveOut)([]);
    const vectors = await vectorsOf(parameters, features, productGraph(input, links));
    return { vectors, links: links.length, steps: step, bestStep: best.step, score: best.score };
  } finally {
    for (const { parameter, firstMoment, secondMoment } of slots) {
      tf.dispose([parameter, firstMoment, secondMoment]);
    }
  }
}

/** Seeded; both parts ascend. */
function splitLinks(links: Uint32Array, seed: number): { training: Uint32Array; validation: Uint32Array } {
  const order = shuffledOrder(keyedStream(seed, 'graphsage', 'validation'), links.length);
  const held = Math.ceil(links.length * VALIDATION_SHARE);
  const part = (places: Uint32Array) => places.map((place) => links[place] ?? 0).sort();
  return { validation: part(order.subarray(0, held)), training: part(order.subarray(held)) };
}

function drawBatch(
  { products, jointBaskets }: ProductEmbeddingsInput,
  pairs: readonly number[],
  hardNegative: HardNegatives,
  stream: RandomStream,
): LinkBatch {
  const first = new Int32Array(pairs.length);
  const second = new Int32Array(pairs.length);
  pairs.forEach((pair, at) => {
    const ends = [jointBaskets.first[pair] ?? 0, jointBaskets.second[pair] ?? 0];
    const turned = stream.below(2);
    first[at] = ends[turned] ?? 0;
    second[at] = ends[1 - turned] ?? 0;
  });
  return {
    first,
    second,
    uniform: Int32Array.from({ length: UNIFORM_PER_STEP }, () => stream.below(products.length)),
    hard: Int32Array.from({ length: pairs.length * HARD_PER_LINK }, (_, at) =>
      hardNegative(second[Math.floor(at / HARD_PER_LINK)] ?? 0, stream),
    ),
  };
}

function temperature(parameters: GraphSageParameters): tf.Tensor {
  const log = parameters.get('loss.temperature');
  if (log === undefined) throw new TypeError('GraphSAGE has no temperature');
  return log.exp().mul(FIRST_TEMPERATURE);
}

function optimizerSlot(parameter: tf.Variable): AdamWSlot {
  const zeros = () => tf.variable(tf.zeros(parameter.shape), false);
  return { parameter, firstMoment: zeros(), secondMoment: zeros(), weightDecay: 0 };
}

function updateParameters(slots: readonly AdamWSlot[], loss: () => tf.Scalar, step: number): void {
  const { value, grads } = tf.variableGrads(
    loss,
    slots.map(({ parameter }) => parameter),
  );
  const gradients = slots.map(({ parameter }) => {
    const gradient = grads[parameter.name];
    if (gradient === undefined) throw new TypeError(`no gradient for ${parameter.name}`);
    return gradient;
  });
  const decay = 1 - (1 - LAST_RATE) * (step / STEPS);
  const learningRate = LEARNING_RATE * Math.min(1, step / WARM_UP_STEPS) * decay;
  adamWStep(slots, gradients, { learningRate, step, ...ADAM });
  tf.dispose([value, gradients]);
}

/** Forward pass over the whole graph, `[P, 256]`. */
async function vectorsOf(
  parameters: GraphSageParameters,
  features: NodeFeatures,
  graph: ProductGraph,
): Promise<Float32Array> {
  const inputs = openInputs(features, graph, allSeen(graph));
  const vectors = tf.tidy(() => graphSageVectors(parameters, inputs));
  const values = await vectors.data();
  vectors.dispose();
  closeInputs(inputs);
  // Exactly unit rows, also where the network says little.
  return unitRows(Float32Array.from(values), PRODUCT_EMBEDDING_SIZE);
}

async function readParameters(parameters: GraphSageParameters): Promise<ReadonlyMap<string, Float32Array>> {
  const values = new Map<string, Float32Array>();
  for (const [name, variable] of parameters) values.set(name, Float32Array.from(await variable.data()));
  return values;
}

function writeParameters(parameters: GraphSageParameters, values: ReadonlyMap<string, Float32Array>): void {
  for (const [name, variable] of parameters) {
    const value = values.get(name);
    if (value === undefined) continue;
    const tensor = tf.tensor(value, variable.shape);
    variable.assign(tensor);
    tensor.dispose();
  }
}
