import { keyedStream, shuffledOrder } from '@retail-sim/random';

// Which tokens the contrastive loss compares (spec section 5, 5.2). Integers only: nothing here is differentiated.
//   B baskets, S positions; a token is numbered b S + i

export interface TokenIds {
  /** B. */
  readonly size: number;
  /** S. */
  readonly positions: number;
  /** `[B, S]`. */
  readonly productIds: Int32Array;
  /** `[B, S]`: 1 = item, MASK or EOS. */
  readonly attentionMask: ArrayLike<number>;
}

export interface ContrastivePairs {
  /** `[A]`: tokens, and for each a token of the same basket. */
  readonly anchors: Int32Array;
  readonly positives: Int32Array;
  /** `[N]`: tokens that may serve as negatives. */
  readonly pool: Int32Array;
  /** `[A, N]`: 1 where the pool's token is a negative of the anchor. */
  readonly allowed: Uint8Array;
}

const MOST_PAIRS_PER_BASKET = 8;
const REFERENCE_NEGATIVE_BASKETS = 4;
/** Size of the pool of the corrected loss. */
export const NEGATIVES = 512;

/** First k valid tokens, the next k as positives, and the valid tokens of the first four other baskets. */
export function referencePairs(ids: TokenIds): ContrastivePairs {
  const valid = tokensByBasket(ids, (token) => (ids.productIds[token] ?? 0) > 0);
  const pool = valid.flat();
  const baskets = valid.map((tokens, basket) => {
    const others = [...valid.keys()].filter((other) => other !== basket);
    const negatives = new Set(others.slice(0, REFERENCE_NEGATIVE_BASKETS));
    return { tokens, isNegative: (token: number) => negatives.has(Math.floor(token / ids.positions)) };
  });
  return pairsOf(baskets, pool);
}

/**
 * Random disjoint pairs of real, unmasked products of a basket, and negatives from one random pool over the batch: tokens
 * of other baskets whose product isn't in the anchor's basket. A function of the seed and the ids.
 */
export function correctedPairs(
  ids: TokenIds & { readonly maskedPositions: Int32Array; readonly maskedLength: number },
  {
    products,
    seed,
    negatives = NEGATIVES,
  }: { readonly products: number; readonly seed: number; readonly negatives?: number },
): ContrastivePairs {
  const { productIds, positions, maskedPositions, maskedLength } = ids;
  const masked = new Set(
    Array.from(maskedPositions, (position, i) =>
      position < 0 ? -1 : Math.floor(i / maskedLength) * positions + position,
    ),
  );
  const isProduct = (token: number): boolean => {
    const id = productIds[token] ?? 0;
    return id >= 1 && id <= products && !masked.has(token);
  };
  const valid = tokensByBasket(ids, isProduct);
  const pool = shuffled(valid.flat(), seed, 'negatives').slice(0, negatives);
  const baskets = valid.map((tokens, basket) => {
    const bought = new Set(basketTokens(ids, basket).map((token) => productIds[token]));
    const isNegative = (token: number): boolean =>
      Math.floor(token / positions) !== basket && !bought.has(productIds[token]);
    return { tokens: shuffled(tokens, seed, `pairs:${basket}`), isNegative };
  });
  return pairsOf(baskets, pool);
}

interface BasketTokens {
  /** Valid tokens, anchors first, then their positives. */
  readonly tokens: readonly number[];
  readonly isNegative: (token: number) => boolean;
}

/** k = min(floor(n / 2), 8) pairs of every basket that has negatives. */
function pairsOf(baskets: readonly BasketTokens[], pool: readonly number[]): ContrastivePairs {
  const anchors: number[] = [];
  const positives: number[] = [];
  const rows: Uint8Array[] = [];
  for (const { tokens, isNegative } of baskets) {
    const allowed = Uint8Array.from(pool, (token) => (isNegative(token) ? 1 : 0));
    if (!allowed.includes(1)) continue;
    const pairs = Math.min(Math.floor(tokens.length / 2), MOST_PAIRS_PER_BASKET);
    anchors.push(...tokens.slice(0, pairs));
    positives.push(...tokens.slice(pairs, 2 * pairs));
    for (let pair = 0; pair < pairs; pair++) rows.push(allowed);
  }
  const allowed = new Uint8Array(rows.length * pool.length);
  for (const [row, values] of rows.entries()) allowed.set(values, row * pool.length);
  return {
    anchors: Int32Array.from(anchors),
    positives: Int32Array.from(positives),
    pool: Int32Array.from(pool),
    allowed,
  };
}

function tokensByBasket(ids: TokenIds, isValid: (token: number) => boolean): number[][] {
  return Array.from({ length: ids.size }, (_, basket) =>
    basketTokens(ids, basket).filter((token) => isValid(token)),
  );
}

/** Tokens of a basket that are no padding. */
function basketTokens({ positions, attentionMask }: TokenIds, basket: number): number[] {
  return Array.from({ length: positions }, (_, i) => basket * positions + i).filter(
    (token) => attentionMask[token] === 1,
  );
}

function shuffled(tokens: readonly number[], seed: number, purpose: string): number[] {
  const order = shuffledOrder(keyedStream(seed, 'contrastive', purpose), tokens.length);
  return Array.from(order, (index) => tokens[index] ?? 0);
}
