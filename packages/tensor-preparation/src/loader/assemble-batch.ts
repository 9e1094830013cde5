// Gathers one batch from the tables: integers on disk, T1-T6 here.

import {
  type Batch,
  type BatchKeys,
  type BatchLabels,
  CORRUPTION,
  NO_POSITION,
  NO_TARGET,
} from '../batch.js';
import { DENSE_CONTEXT_SIZE } from '../dimensions.js';
import { PRICE_VECTOR_SIZE } from '../encoders/price-context.js';
import { PRODUCT_VECTOR_SIZE, positionEncoding } from '../encoders/product-sequence.js';
import { arrangeItems } from './arrange-items.js';
import { writeDenseContext } from './dense-context.js';
import { historyOfBatch } from './history-tokens.js';
import { writePriceOfReplacement, writePriceOfRow } from './item-prices.js';
import { maskBasket, maskedCount } from './mask-basket.js';
import { repeatsOfBatch } from './repeat-candidates.js';
import { similarBasketsOfBatch, type VisibleBasket } from './similar-baskets.js';
import type { TensorTables } from './tensor-columns.js';

export interface AssembleOptions {
  readonly seed: number;
  readonly epoch: number;
  /** Number of the batch in its epoch. */
  readonly index: number;
  /** Share of the items to hide; 0 hides nothing. */
  readonly maskProbability: number;
  /** Earlier baskets to give to the history encoder; 0 leaves the field out. */
  readonly history: number;
  readonly repeats: boolean;
  /** Compares earlier baskets with what is visible; needs `repeats`. */
  readonly similarBaskets?: boolean;
  /** Pads the positions to a multiple of this, at most to the longest sequence. */
  readonly padToMultiple: number;
}

/** The batch of these baskets, in this order. */
export function assembleBatch(
  tables: TensorTables,
  basketRows: Uint32Array,
  options: AssembleOptions,
): Batch {
  const size = basketRows.length;
  const sequences = Array.from(basketRows, (basketRow) => corruptedSequence(tables, basketRow, options));
  const longest = sequences.reduce((most, { items }) => Math.max(most, items.length + 1), 1);
  const positions = Math.min(
    roundUp(longest, options.padToMultiple),
    Math.max(longest, tables.maxSequenceLength),
  );
  const repeats = options.repeats ? repeatsOfBatch(tables, basketRows) : undefined;
  const maskedLength = sequences.reduce((most, { masked }) => Math.max(most, masked.length), 0);

  const batch = {
    epoch: options.epoch,
    index: options.index,
    size,
    positions,
    maskedLength,
    denseContext: new Float32Array(size * DENSE_CONTEXT_SIZE),
    productEmbeddings: new Float32Array(size * positions * PRODUCT_VECTOR_SIZE),
    priceFeatures: new Float32Array(size * positions * PRICE_VECTOR_SIZE),
    attentionMask: new Uint8Array(size * positions),
    lengths: new Uint16Array(size),
    productIds: new Int32Array(size * positions),
    originalIds: new Int32Array(size * positions),
    corruption: new Uint8Array(size * positions).fill(CORRUPTION.eos),
    maskedPositions: new Int32Array(size * maskedLength).fill(NO_POSITION),
    maskedTargets: new Int32Array(size * maskedLength).fill(NO_TARGET),
    maskedCounts: new Uint16Array(size),
    labels: labelsOfBatch(tables, basketRows),
    keys: keysOfBatch(tables, basketRows),
    ...(options.history > 0 ? { history: historyOfBatch(tables, basketRows, options.history) } : {}),
    ...(repeats === undefined ? {} : { repeats }),
    ...(repeats === undefined || options.similarBaskets !== true
      ? {}
      : { similarBaskets: similarBasketsOfBatch(tables, visibleBaskets(basketRows, sequences), repeats) }),
  };
  for (const [index, sequence] of sequences.entries()) {
    const basketRow = basketRows[index] ?? 0;
    writeDenseContext(tables, basketRow, batch.denseContext, index * DENSE_CONTEXT_SIZE);
    writeSequence(tables, basketRow, sequence, batch, index * positions);
    batch.lengths[index] = sequence.items.length + 1;
    batch.maskedCounts[index] = sequence.masked.length;
    for (const [place, position] of sequence.masked.entries()) {
      batch.maskedPositions[index * maskedLength + place] = position;
      batch.maskedTargets[index * maskedLength + place] = sequence.items[position] ?? NO_TARGET;
    }
  }
  return batch;
}

/** The items of a basket in the order that the model sees, and what is done to them. */
interface CorruptedSequence {
  /** Tokens before corruption, without EOS. */
  readonly items: Int32Array;
  readonly priceRows: Uint32Array;
  readonly tokens: Int32Array;
  readonly corruption: Uint8Array;
  /** 1 where a random product stands. */
  readonly random: Uint8Array;
  readonly masked: Int32Array;
}

function corruptedSequence(
  tables: TensorTables,
  basketRow: number,
  options: AssembleOptions,
): CorruptedSequence {
  const { samples, vocabulary, maxSequenceLength } = tables;
  const tokens = samples.tokens(basketRow);
  const rows = samples.priceRows(basketRow);
  const key = { seed: options.seed, epoch: options.epoch, basketRow };
  const order = arrangeItems(tokens.length, maxSequenceLength - 1, key);
  const items = Int32Array.from(order, (place) => tokens[place] ?? 0);
  const priceRows = Uint32Array.from(order, (place) => rows[place] ?? 0);
  const { positions, ...masked } = maskBasket(items, key, {
    probability: options.maskProbability,
    maskToken: vocabulary.mask,
    products: vocabulary.products,
  });
  return { items, priceRows, ...masked, masked: positions };
}

/** The baskets without their hidden items; a random product that stands for one is no item of theirs. */
function visibleBaskets(
  basketRows: Uint32Array,
  sequences: readonly CorruptedSequence[],
): readonly VisibleBasket[] {
  return sequences.map(({ items, masked }, index) => {
    const hidden = new Set(masked);
    return {
      basketRow: basketRows[index] ?? 0,
      visible: items.filter((_, position) => !hidden.has(position)),
      size: items.length,
    };
  });
}

type Sequences = Pick<
  Batch,
  'productEmbeddings' | 'priceFeatures' | 'attentionMask' | 'productIds' | 'originalIds' | 'corruption'
>;

/** Writes one basket into the sequence arrays, from position `start` of the batch. */
function writeSequence(
  tables: TensorTables,
  basketRow: number,
  { items, priceRows, tokens, corruption, random }: CorruptedSequence,
  batch: Sequences,
  start: number,
): void {
  const { products, vocabulary } = tables;
  const { embeddings } = products;
  for (let i = 0; i < items.length; i++) {
    const token = tokens[i] ?? 0;
    batch.productIds[start + i] = token;
    batch.originalIds[start + i] = items[i] ?? 0;
    batch.corruption[start + i] = corruption[i] ?? CORRUPTION.keep;
    copyEmbedding(embeddings, token, batch.productEmbeddings, start + i);
    if (corruption[i] === CORRUPTION.mask) continue;
    const offset = (start + i) * PRICE_VECTOR_SIZE;
    if (random[i] === 1) writePriceOfReplacement(tables, basketRow, token, batch.priceFeatures, offset);
    else writePriceOfRow(tables, priceRows[i] ?? 0, batch.priceFeatures, offset);
  }
  const end = start + items.length;
  batch.productIds[end] = vocabulary.eos;
  batch.originalIds[end] = vocabulary.eos;
  copyEmbedding(embeddings, vocabulary.eos, batch.productEmbeddings, end);
  batch.attentionMask.fill(1, start, end + 1);
  if (tables.positionEncoding) addPositions(batch.productEmbeddings, start, items.length + 1);
}

function copyEmbedding(embeddings: Float32Array, token: number, out: Float32Array, position: number): void {
  const row = token * PRODUCT_VECTOR_SIZE;
  out.set(embeddings.subarray(row, row + PRODUCT_VECTOR_SIZE), position * PRODUCT_VECTOR_SIZE);
}

/** Position encodings of the longest sequences so far. */
let positionTable = positionEncoding(0);

function addPositions(out: Float32Array, start: number, length: number): void {
  if (positionTable.length < length * PRODUCT_VECTOR_SIZE) positionTable = positionEncoding(length);
  const offset = start * PRODUCT_VECTOR_SIZE;
  for (let k = 0; k < length * PRODUCT_VECTOR_SIZE; k++) {
    out[offset + k] = (out[offset + k] ?? 0) + (positionTable[k] ?? 0);
  }
}

/** Labels of the baskets; all unknown when T6 shows the trip itself (spec section 4, 3.6). */
export function labelsOfBatch(tables: TensorTables, basketRows: Uint32Array): BatchLabels {
  const { samples } = tables;
  const column = (label: (row: number) => number) =>
    Int32Array.from(basketRows, (row) => (tables.t6 === 'observed' ? 0 : label(row)));
  return {
    basketSize: column(samples.labelSize),
    priceSensitivity: column(samples.labelSensitivity),
    missionType: column(samples.labelType),
    missionFocus: column(samples.labelFocus),
  };
}

export function keysOfBatch({ samples }: TensorTables, basketRows: Uint32Array): BatchKeys {
  return {
    basketRow: basketRows.slice(),
    basketId: Float64Array.from(basketRows, samples.basketId),
    customerRow: Uint32Array.from(basketRows, samples.customerRow),
    storeRow: Uint32Array.from(basketRows, samples.storeRow),
    week: Uint16Array.from(basketRows, samples.week),
    date: Int32Array.from(basketRows, samples.date),
    hour: Uint8Array.from(basketRows, samples.hour),
    priorBaskets: Uint32Array.from(basketRows, samples.timelinePosition),
    flags: Uint16Array.from(basketRows, samples.flags),
  };
}

/** Sequence length of a basket with EOS, as the loader shows it. */
export function sequenceLength(items: number, maxSequenceLength: number): number {
  return Math.min(items, maxSequenceLength - 1) + 1;
}

/** Positions that a mask can hide at most, for shape estimates. */
export function largestMaskedCount(maxSequenceLength: number, probability: number): number {
  return maskedCount(maxSequenceLength - 1, probability);
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
