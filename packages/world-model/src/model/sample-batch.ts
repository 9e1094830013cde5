import { keyedStream } from '@retail-sim/random';
import type { WorldModelTargets } from '../losses/world-model-loss.js';
import type { WorldModelOptions } from './world-model-config.js';
import type { WorldModelArrays } from './world-model-inputs.js';

// Random batches for tests and benchmarks: the form of a loader's batch, no meaning.

/** A model small enough for tests, every part present. */
export const TEST_SIZES = {
  classes: 53,
  products: 50,
  modelWidth: 16,
  contextWidth: 20,
  productWidth: 8,
  priceWidth: 4,
  encoderLayers: 2,
  stateSize: 4,
  decoderLayers: 2,
  decoderHeads: 4,
  feedForwardWidth: 32,
  maxBasketLength: 12,
} as const satisfies WorldModelOptions;

export interface SampleSizes {
  readonly size: number;
  readonly positions: number;
  readonly maskedLength: number;
  readonly historyLength: number;
  readonly contextWidth: number;
  readonly productWidth: number;
  readonly priceWidth: number;
  readonly products: number;
  /** Baskets as long as the batch; otherwise each one after the first is shorter. */
  readonly full?: boolean;
}

export const TEST_BATCH: SampleSizes = {
  ...TEST_SIZES,
  size: 4,
  positions: 9,
  maskedLength: 2,
  historyLength: 5,
};

const KEEP = 0;
const MASK = 1;
const EOS = 2;
const REPEATS_PER_BASKET = 6;

/** Baskets of different lengths with an end token, the first items hidden, histories of different lengths. */
export function sampleBatch(sizes: SampleSizes, seed: number): WorldModelArrays & WorldModelTargets {
  const { size, positions, maskedLength, historyLength, products } = sizes;
  const { contextWidth, productWidth, priceWidth } = sizes;
  const stream = keyedStream(seed, 'sample-batch');
  const floats = (length: number) => Float32Array.from({ length }, () => 2 * stream.uniform() - 1);
  const integers = (length: number, draw: (index: number) => number) =>
    Int32Array.from({ length }, (_, i) => draw(i));
  const label = (classes: number) => integers(size, () => stream.below(classes));
  /** Positions of a basket in use, the end token last. */
  const lengthOf = (basket: number) =>
    sizes.full === true ? positions : Math.max(maskedLength + 1, positions - (basket % 3));
  const place = (token: number) => ({ basket: Math.floor(token / positions), position: token % positions });
  const isItem = (token: number) => place(token).position < lengthOf(place(token).basket) - 1;
  const corruption = Uint8Array.from({ length: size * positions }, (_, token) => {
    if (!isItem(token)) return EOS;
    return place(token).position < maskedLength ? MASK : KEEP;
  });
  const eos = products + 2;
  const productIds = integers(size * positions, (token) => {
    const { basket, position } = place(token);
    if (position >= lengthOf(basket)) return 0;
    if (!isItem(token)) return eos;
    return corruption[token] === MASK ? products + 1 : 1 + stream.below(products);
  });
  const historyOf = (basket: number) => Math.max(historyLength - basket, 0);
  const known = Array.from({ length: size }, () =>
    [...new Set(integers(REPEATS_PER_BASKET, () => 1 + stream.below(products)))].sort((a, b) => a - b),
  );
  const offsets = new Int32Array(size + 1);
  for (const [basket, ids] of known.entries()) offsets[basket + 1] = (offsets[basket] ?? 0) + ids.length;
  return {
    size,
    positions,
    maskedLength,
    denseContext: floats(size * contextWidth),
    productEmbeddings: floats(size * positions * productWidth),
    priceFeatures: floats(size * positions * priceWidth),
    attentionMask: Uint8Array.from({ length: size * positions }, (_, token) =>
      place(token).position < lengthOf(place(token).basket) ? 1 : 0,
    ),
    corruption,
    productIds,
    maskedPositions: integers(size * maskedLength, (i) => i % maskedLength),
    maskedTargets: integers(size * maskedLength, () => 1 + stream.below(products)),
    labels: {
      basketSize: label(4),
      priceSensitivity: label(4),
      missionType: label(5),
      missionFocus: label(6),
    },
    history: {
      length: historyLength,
      tokens: floats(size * historyLength * (productWidth + priceWidth)),
      valid: Uint8Array.from({ length: size * historyLength }, (_, i) =>
        i % historyLength < historyOf(Math.floor(i / historyLength)) ? 1 : 0,
      ),
      age: integers(size * historyLength, (i) => historyLength - (i % historyLength)),
    },
    repeats: {
      offsets,
      productIds: Int32Array.from(known.flat()),
      features: floats(known.flat().length * 3).map(Math.abs),
    },
  };
}
