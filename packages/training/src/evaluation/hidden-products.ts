import { type Batch, CORRUPTION, NO_POSITION } from '@retail-sim/tensor-preparation';
import type { MaskedQuery } from '../baselines/masked-product-baselines.js';

/** A product that a scorer has to name, with all that it may know. */
export interface HiddenProduct extends MaskedQuery {
  /** Basket of the batch, from 0. */
  readonly basket: number;
  /** Place in the masked positions of the batch: row of the model's logits `[B * M, V]`. */
  readonly place: number;
  readonly target: number;
  readonly knownProducts: Int32Array;
}

/**
 * The batch with MASK at every hidden place. Training leaves a tenth of the hidden products where they are (spec
 * section 4, 3.8), which is a hint that only the model would get: scores are compared without it.
 *
 * The vectors of a hidden place become zero; the model puts its own MASK vector there.
 */
export function hideCompletely(batch: Batch, maskToken: number): Batch {
  const { size, positions, maskedLength } = batch;
  const productIds = batch.productIds.slice();
  const corruption = batch.corruption.slice();
  const productEmbeddings = batch.productEmbeddings.slice();
  const priceFeatures = batch.priceFeatures.slice();
  const productSize = productEmbeddings.length / (size * positions);
  const priceSize = priceFeatures.length / (size * positions);
  for (let place = 0; place < size * maskedLength; place++) {
    const position = batch.maskedPositions[place] ?? NO_POSITION;
    if (position === NO_POSITION) continue;
    const row = Math.floor(place / maskedLength) * positions + position;
    productIds[row] = maskToken;
    corruption[row] = CORRUPTION.mask;
    productEmbeddings.fill(0, row * productSize, (row + 1) * productSize);
    priceFeatures.fill(0, row * priceSize, (row + 1) * priceSize);
  }
  return { ...batch, productIds, corruption, productEmbeddings, priceFeatures };
}

/**
 * The hidden products of a batch. The batch must carry `repeats` and `similarBaskets`.
 *
 * @param products tokens 1 to `products` are products
 */
export function* hiddenProducts(batch: Batch, products: number): Generator<HiddenProduct> {
  const { maskedLength } = batch;
  for (let basket = 0; basket < batch.size; basket++) {
    const known = { ...knownProducts(batch, basket), ...earlierItems(batch, basket) };
    const visible = visibleProducts(batch, basket, products);
    for (let masked = 0; masked < (batch.maskedCounts[basket] ?? 0); masked++) {
      const place = basket * maskedLength + masked;
      yield { basket, place, target: batch.maskedTargets[place] ?? 0, visible, ...known };
    }
  }
}

/** Products of the basket that are not hidden, ascending. */
function visibleProducts(batch: Batch, basket: number, products: number): Int32Array {
  const { positions, maskedLength } = batch;
  const items = batch.originalIds.slice(basket * positions, (basket + 1) * positions);
  for (let masked = 0; masked < maskedLength; masked++) {
    const position = batch.maskedPositions[basket * maskedLength + masked] ?? NO_POSITION;
    if (position !== NO_POSITION) items[position] = 0;
  }
  return items.filter((token) => token >= 1 && token <= products).sort();
}

/** What the customer bought before, and in how many baskets; the loader gives ln(1 + n) first. */
function knownProducts(
  { repeats }: Batch,
  basket: number,
): Pick<HiddenProduct, 'knownProducts' | 'knownCounts'> {
  if (repeats === undefined) throw new Error('the batch was loaded without repeats');
  const [from, to] = [repeats.offsets[basket] ?? 0, repeats.offsets[basket + 1] ?? 0];
  const width = repeats.features.length / Math.max(1, repeats.productIds.length);
  return {
    knownProducts: repeats.productIds.subarray(from, to),
    knownCounts: Float64Array.from({ length: to - from }, (_, index) =>
      Math.round(Math.expm1(repeats.features[(from + index) * width] ?? 0)),
    ),
  };
}

/** Where the Jaccard index stands among the comparisons with an earlier basket, and how many there are. */
const JACCARD = 1;
const COMPARISONS = 6;

/** Products of the customer's earlier baskets, each with the likeness of its basket to what is visible. */
function earlierItems(
  { repeats, similarBaskets }: Batch,
  basket: number,
): Pick<MaskedQuery, 'earlierItems' | 'earlierResemblance'> {
  if (repeats === undefined || similarBaskets === undefined) {
    throw new Error('the batch was loaded without similarBaskets');
  }
  const { offsets, itemBaskets, itemCandidates, features } = similarBaskets;
  const from = lowerBound(itemBaskets, offsets[basket] ?? 0);
  const to = lowerBound(itemBaskets, offsets[basket + 1] ?? 0);
  return {
    earlierItems: itemCandidates.subarray(from, to).map((candidate) => repeats.productIds[candidate] ?? 0),
    earlierResemblance: Float32Array.from(
      itemBaskets.subarray(from, to),
      (earlier) => features[earlier * COMPARISONS + JACCARD] ?? 0,
    ),
  };
}

/** First place in `ascending` whose value is not below `value`. */
function lowerBound(ascending: Int32Array, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
