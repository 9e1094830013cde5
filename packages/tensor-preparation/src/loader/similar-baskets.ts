// The customer's earlier baskets compared with what is visible of this one: many trips repeat an earlier trip, and which
// one it is shows in the products that are not hidden, the store, the hour and the number of items. Event as-of.

import type { BatchRepeats, BatchSimilarBaskets } from '../batch.js';
import { earlierBaskets } from './history-tokens.js';
import type { TensorTables } from './tensor-columns.js';

export const SIMILARITY_FEATURES = 6;

/** Hours that count as one unit of distance. */
const HOUR_SCALE = 4;
/** Weeks after which a basket counts 1/e. */
const RECENCY_WEEKS = 26;

/** A basket as far as it may be known when its hidden items are predicted. */
export interface VisibleBasket {
  readonly basketRow: number;
  /** Products that are not hidden. */
  readonly visible: Int32Array;
  /** Items, hidden ones included. */
  readonly size: number;
}

/** Comparisons of every basket of a batch with all its earlier ones. `repeats` are the candidates of the same batch. */
export function similarBasketsOfBatch(
  tables: TensorTables,
  baskets: readonly VisibleBasket[],
  repeats: BatchRepeats,
): BatchSimilarBaskets {
  const { samples, vocabulary } = tables;
  const offsets = new Int32Array(baskets.length + 1);
  const features: number[] = [];
  const itemBaskets: number[] = [];
  const itemCandidates: number[] = [];
  const candidateOf = new Int32Array(vocabulary.products + 1);
  const isVisible = new Uint8Array(vocabulary.products + 1);
  for (const [index, basket] of baskets.entries()) {
    for (let c = repeats.offsets[index] ?? 0; c < (repeats.offsets[index + 1] ?? 0); c++) {
      candidateOf[repeats.productIds[c] ?? 0] = c;
    }
    for (const token of basket.visible) isVisible[token] = 1;
    for (const earlier of earlierBaskets(tables, basket.basketRow, Number.MAX_SAFE_INTEGER)) {
      const place = features.length / SIMILARITY_FEATURES;
      const tokens = samples.tokens(earlier);
      let shared = 0;
      for (let i = 0; i < tokens.length; i++) {
        const token = tokens[i] ?? 0;
        shared += isVisible[token] ?? 0;
        itemBaskets.push(place);
        itemCandidates.push(candidateOf[token] ?? 0);
      }
      features.push(...similarity(tables, basket, { row: earlier, size: tokens.length, shared }));
    }
    for (const token of basket.visible) isVisible[token] = 0;
    offsets[index + 1] = features.length / SIMILARITY_FEATURES;
  }
  return {
    offsets,
    features: Float32Array.from(features),
    itemBaskets: Int32Array.from(itemBaskets),
    itemCandidates: Int32Array.from(itemCandidates),
  };
}

/** Share of the visible products, Jaccard index, same store, hours apart, log ratio of sizes, recency. */
function similarity(
  { samples }: TensorTables,
  { basketRow, visible, size }: VisibleBasket,
  earlier: { readonly row: number; readonly size: number; readonly shared: number },
): [number, number, number, number, number, number] {
  const { shared } = earlier;
  const either = earlier.size + visible.length - shared;
  const weeks = samples.week(basketRow) - samples.week(earlier.row);
  return [
    visible.length === 0 ? 0 : shared / visible.length,
    either === 0 ? 0 : shared / either,
    samples.storeRow(earlier.row) === samples.storeRow(basketRow) ? 1 : 0,
    Math.abs(samples.hour(earlier.row) - samples.hour(basketRow)) / HOUR_SCALE,
    Math.abs(Math.log(Math.max(1, earlier.size) / Math.max(1, size))),
    Math.exp(-weeks / RECENCY_WEEKS),
  ];
}
