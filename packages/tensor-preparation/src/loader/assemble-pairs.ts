// Gathers one batch of next-basket pairs: the input basket as it was, the context and the products of the target trip.

import type { PairBatch } from '../batch.js';
import { DENSE_CONTEXT_SIZE } from '../dimensions.js';
import { assembleBatch, keysOfBatch, labelsOfBatch } from './assemble-batch.js';
import { writeDenseContext } from './dense-context.js';
import { historyOfBatch } from './history-tokens.js';
import type { PairColumns } from './open-tensors.js';
import { repeatsOfBatch } from './repeat-candidates.js';
import type { TensorTables } from './tensor-columns.js';

export interface AssemblePairsOptions {
  readonly seed: number;
  readonly epoch: number;
  readonly index: number;
  readonly history: number;
  readonly repeats: boolean;
  readonly padToMultiple: number;
}

/** The batch of these pairs, in this order. History and repeats are those of the target: its earlier baskets. */
export function assemblePairs(
  tables: TensorTables,
  pairs: PairColumns,
  pairRows: Uint32Array,
  options: AssemblePairsOptions,
): PairBatch {
  const inputs = pairRows.map((row) => pairs.inputRow[row] ?? 0);
  const targets = pairRows.map((row) => pairs.targetRow[row] ?? 0);
  const input = assembleBatch(tables, inputs, { ...options, maskProbability: 0, history: 0, repeats: false });
  const denseContext = new Float32Array(pairRows.length * DENSE_CONTEXT_SIZE);
  for (const [index, target] of targets.entries()) {
    writeDenseContext(tables, target, denseContext, index * DENSE_CONTEXT_SIZE);
  }
  return {
    epoch: options.epoch,
    index: options.index,
    size: input.size,
    positions: input.positions,
    denseContext,
    productEmbeddings: input.productEmbeddings,
    priceFeatures: input.priceFeatures,
    attentionMask: input.attentionMask,
    productIds: input.productIds,
    lengths: input.lengths,
    targets: targetProducts(tables, targets),
    labels: labelsOfBatch(tables, targets),
    previousStoreRow: Uint32Array.from(inputs, tables.samples.storeRow),
    targetStoreRow: Uint32Array.from(targets, tables.samples.storeRow),
    weekGap: Uint16Array.from(pairRows, (row) => pairs.weekGap[row] ?? 0),
    dayGap: Uint16Array.from(pairRows, (row) => pairs.dayGap[row] ?? 0),
    inputBasketRow: inputs,
    keys: keysOfBatch(tables, targets),
    ...(options.history > 0 ? { history: historyOfBatch(tables, targets, options.history) } : {}),
    ...(options.repeats ? { repeats: repeatsOfBatch(tables, targets) } : {}),
  };
}

function targetProducts({ samples }: TensorTables, targets: Uint32Array): PairBatch['targets'] {
  const offsets = new Int32Array(targets.length + 1);
  for (const [index, row] of targets.entries()) {
    offsets[index + 1] = (offsets[index] ?? 0) + samples.tokens(row).length;
  }
  const productIds = new Int32Array(offsets.at(-1) ?? 0);
  for (const [index, row] of targets.entries()) productIds.set(samples.tokens(row), offsets[index]);
  return { offsets, productIds };
}
