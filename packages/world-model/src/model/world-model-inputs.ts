import { InputError } from '@retail-sim/errors';
import * as tf from '@tensorflow/tfjs';
import { inputChecks } from './input-checks.js';
import { type ItemArrays, itemTensors } from './item-inputs.js';
import { type RepeatArrays, type RepeatTensors, repeatTensors } from './repeat-inputs.js';
import { SIMILARITY_FEATURES } from './similar-baskets.js';
import { sequenceWidth, type WorldModelConfig } from './world-model-config.js';

// What the masked world model reads (spec section 5, part 1).
//
//   B  baskets    S  positions (items and EOS, padded)    M  masked positions (padded)    H  earlier baskets (padded)
//   C  candidates of the repeat head over all baskets

/**
 * One batch as plain arrays, row-major: the part of a loader's batch that the model reads. The batches of
 * `@retail-sim/tensor-preparation` have this form.
 */
export interface WorldModelArrays extends ItemArrays {
  /** M; 0 when nothing is masked. */
  readonly maskedLength: number;
  /** `[B, S]`: 0 the item itself, 1 MASK, 2 EOS (or padding). Read when `inputCorruption` is `learned`. */
  readonly corruption?: Uint8Array;
  /** `[B, M]`: positions to predict; negative fills. */
  readonly maskedPositions: Int32Array;
  readonly history?: HistoryArrays;
  readonly repeats?: RepeatArrays;
  readonly similarBaskets?: SimilarBasketArrays;
}

/** Earlier baskets of the customer, oldest first, valid ones first. */
export interface HistoryArrays {
  /** H. */
  readonly length: number;
  /** `[B, H, 320]`: mean T2 and mean T4 of each earlier basket. */
  readonly tokens: Float32Array;
  /** `[B, H]`: 1 = a basket, 0 = padding. */
  readonly valid: Uint8Array;
  /** `[B, H]`: weeks before the basket at hand. */
  readonly age: Int32Array;
}

/** The customer's earlier baskets, compared with the basket at hand; needs `repeats`. */
export interface SimilarBasketArrays {
  /** `[E, 6]`, over all baskets of the batch. */
  readonly features: Float32Array;
  /** `[I]`: comparison, 0..E-1, of each product of an earlier basket. */
  readonly itemBaskets: Int32Array;
  /** `[I]`: the product, as a candidate 0..C-1 of the repeat head. */
  readonly itemCandidates: Int32Array;
}

/** The same batch as tensors of the current backend; see `worldModelInputs`. */
export type WorldModelInputs = {
  /** `[B, 400]`. */
  readonly denseContext: tf.Tensor;
  /** `[B, S, 256]`. */
  readonly productEmbeddings: tf.Tensor;
  /** `[B, S, 64]`. */
  readonly priceFeatures: tf.Tensor;
  /** `[B, S]`, float32: 1 = keep, 0 = padding. */
  readonly attentionMask: tf.Tensor;
  /** `[B, S, 2]`, float32: a one in column 0 at MASK, in column 1 at EOS. */
  readonly replaced?: tf.Tensor;
  /** `[B, M]`, int32, in 0..S-1. Absent: logits at all S + 1 places, the context first. */
  readonly maskedPositions?: tf.Tensor;
  readonly history?: {
    /** `[B, H, 320]`. */
    readonly tokens: tf.Tensor;
    /** `[B, H]`, float32. */
    readonly valid: tf.Tensor;
    /** `[B, H]`, int32, in 0..maxHistoryAge. */
    readonly age: tf.Tensor;
  };
  readonly repeats?: RepeatTensors;
  readonly similarBaskets?: {
    /** `[E, 6]`. */
    readonly comparisons: tf.Tensor;
    /** `[I]`, int32. */
    readonly itemBaskets: tf.Tensor;
    /** `[I]`, int32. */
    readonly itemCandidates: tf.Tensor;
  };
};

const checks = inputChecks('world model inputs');
const { expectLength, expectIndices, floats } = checks;

const MASK_CODE = 1;
const EOS_CODE = 2;

/**
 * Tensors of a batch on the current backend, checked; the caller disposes of them (`tf.dispose(inputs)`).
 * A batch without masked positions gets one place per basket that no target belongs to.
 * @throws InputError for an array of the wrong length, a value that is not finite, or an index out of range
 */
export function worldModelInputs(arrays: WorldModelArrays, config: WorldModelConfig): WorldModelInputs {
  const { size, positions, history, repeats, similarBaskets } = arrays;
  if (size < 1 || positions < 1 || positions > config.maxBasketLength) {
    throw new InputError({
      what: `world model inputs: ${size} baskets of ${positions} positions, expected 1 or more of 1 to ${config.maxBasketLength}`,
      remedy: 'truncate baskets to maxBasketLength, or create the model with a larger one',
    });
  }
  const places = maskedPlaces(arrays);
  return {
    ...itemTensors(arrays, config, checks),
    maskedPositions: tf.tensor(places, [size, places.length / size], 'int32'),
    ...(config.switches.inputCorruption === 'learned' ? { replaced: replacedPlaces(arrays) } : {}),
    ...(config.switches.encoderSource === 'history' && history !== undefined && history.length > 0
      ? { history: historyTensors(history, size, config) }
      : {}),
    ...(config.switches.repeatHead && repeats !== undefined && repeats.productIds.length > 0
      ? { repeats: repeatTensors(repeats, { size, classes: config.classes, checks }) }
      : {}),
    ...(config.switches.similarBaskets &&
    repeats !== undefined &&
    similarBaskets !== undefined &&
    similarBaskets.itemBaskets.length > 0
      ? { similarBaskets: similarTensors(similarBaskets, repeats) }
      : {}),
  };
}

/** Masked positions with fills set to 0, at least one per basket, [B max(M, 1)]. */
function maskedPlaces({ size, positions, maskedLength, maskedPositions }: WorldModelArrays): Int32Array {
  if (maskedLength === 0) return new Int32Array(size);
  expectLength('maskedPositions', maskedPositions, [size, maskedLength]);
  return maskedPositions.map((position, i) => {
    if (position >= positions) {
      throw new InputError({
        what: `world model inputs: maskedPositions[${i}] is ${position}, the basket has ${positions} positions`,
        remedy: 'pass positions below the length of the basket, and -1 for none',
      });
    }
    return Math.max(position, 0);
  });
}

function replacedPlaces({ size, positions, corruption }: WorldModelArrays): tf.Tensor {
  if (corruption === undefined) {
    throw new InputError({
      what: "world model inputs: corruption is missing, and inputCorruption is 'learned'",
      remedy: "pass the loader's corruption codes, or set inputCorruption to 'none'",
    });
  }
  expectLength('corruption', corruption, [size, positions]);
  const codes = new Float32Array(corruption.length * 2);
  corruption.forEach((code, i) => {
    if (code === MASK_CODE) codes[2 * i] = 1;
    if (code === EOS_CODE) codes[2 * i + 1] = 1;
  });
  return tf.tensor(codes, [size, positions, 2]);
}

function historyTensors(
  { length, tokens, valid, age }: HistoryArrays,
  size: number,
  config: WorldModelConfig,
): NonNullable<WorldModelInputs['history']> {
  expectLength('history.valid', valid, [size, length]);
  expectLength('history.age', age, [size, length]);
  const ages = age.map((weeks) => Math.min(Math.max(weeks, 0), config.maxHistoryAge));
  return {
    tokens: floats('history.tokens', tokens, [size, length, sequenceWidth(config)]),
    valid: tf.tensor(Float32Array.from(valid), [size, length]),
    age: tf.tensor(ages, [size, length], 'int32'),
  };
}

function similarTensors(
  { features, itemBaskets, itemCandidates }: SimilarBasketArrays,
  repeats: RepeatArrays,
): NonNullable<WorldModelInputs['similarBaskets']> {
  const comparisons = features.length / SIMILARITY_FEATURES;
  expectLength('similarBaskets.itemCandidates', itemCandidates, [itemBaskets.length]);
  expectIndices('similarBaskets.itemBaskets', itemBaskets, comparisons);
  expectIndices('similarBaskets.itemCandidates', itemCandidates, repeats.productIds.length);
  return {
    comparisons: floats('similarBaskets.features', features, [comparisons, SIMILARITY_FEATURES]),
    itemBaskets: tf.tensor(itemBaskets, [itemBaskets.length], 'int32'),
    itemCandidates: tf.tensor(itemCandidates, [itemCandidates.length], 'int32'),
  };
}
