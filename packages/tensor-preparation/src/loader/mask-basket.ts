// Which items of a basket are hidden, and what the model sees instead (spec section 4, 3.8). A pure function of (seed,
// epoch, basket): batch size, order, shard and thread change nothing. Evaluation uses epoch 0.

import { keyedStream } from '@retail-sim/random';
import { CORRUPTION } from '../batch.js';

/** Of the hidden items, the share that MASK replaces, and the share that a random product replaces; the rest stay. */
const MASK_SHARE = 0.8;
const RANDOM_SHARE = 0.1;

export interface MaskedBasket {
  /** Tokens that the model sees, as long as the basket. */
  readonly tokens: Int32Array;
  /** Codes of {@link CORRUPTION}; `random[i]` is 1 where another product stands. */
  readonly corruption: Uint8Array;
  readonly random: Uint8Array;
  /** Positions to predict, ascending. */
  readonly positions: Int32Array;
}

export interface MaskingKey {
  readonly seed: number;
  readonly epoch: number;
  readonly basketRow: number;
}

/** Hides max(1, floor(p n)) of the `n` items of a basket (`items` without EOS); a basket without items hides nothing. */
export function maskBasket(
  items: Int32Array,
  { seed, epoch, basketRow }: MaskingKey,
  {
    probability,
    maskToken,
    products,
  }: { readonly probability: number; readonly maskToken: number; readonly products: number },
): MaskedBasket {
  const tokens = items.slice();
  const corruption = new Uint8Array(items.length).fill(CORRUPTION.keep);
  const random = new Uint8Array(items.length);
  const count = maskedCount(items.length, probability);
  if (count === 0) return { tokens, corruption, random, positions: new Int32Array() };

  const stream = keyedStream(seed, 'corruption', epoch, basketRow);
  const positions = chooseWithoutReplacement(stream.below, items.length, count);
  for (const position of positions) {
    const draw = stream.uniform();
    if (draw < MASK_SHARE) {
      tokens[position] = maskToken;
      corruption[position] = CORRUPTION.mask;
    } else if (draw < MASK_SHARE + RANDOM_SHARE) {
      tokens[position] = 1 + stream.below(products);
      random[position] = 1;
    }
  }
  return { tokens, corruption, random, positions };
}

/** How many of `items` items are hidden. */
export function maskedCount(items: number, probability: number): number {
  return items === 0 || probability === 0 ? 0 : Math.max(1, Math.floor(probability * items));
}

/** `count` of 0..length-1, ascending (partial Fisher-Yates). */
function chooseWithoutReplacement(
  below: (bound: number) => number,
  length: number,
  count: number,
): Int32Array {
  const places = Int32Array.from({ length }, (_, index) => index);
  for (let i = 0; i < count; i++) {
    const j = i + below(length - i);
    const kept = places[i] ?? 0;
    places[i] = places[j] ?? 0;
    places[j] = kept;
  }
  return places.slice(0, count).sort();
}
