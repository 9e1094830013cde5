// The contract between tensor preparation, training and the world model: what the loader yields. Plain typed arrays,
// row-major, no object per sample; every array can be transferred between threads. Names and shapes follow the inputs of
// the world model (spec section 5, part 1).
//
//   B  baskets in the batch              S  positions: items and EOS, padded to the longest basket of the batch
//   M  masked positions, padded          H  earlier baskets of the customer, padded to the longest history

/** What replaced the item at a position before the model sees it (spec section 5, 2.8). */
export const CORRUPTION = {
  /** The item itself, or a random product in its place: T2 and T4 are those of `productIds`. */
  keep: 0,
  /** Hidden: T2 is the MASK vector (the model puts its own there), T4 is zero. */
  mask: 1,
  /** The end token, or padding that nobody reads: no price. */
  eos: 2,
} as const;

/** Fills places of `maskedPositions` that hold no position: position 0 is a real one. */
export const NO_POSITION = -1;

/** Fills places of `maskedTargets` that hold no target. */
export const NO_TARGET = -100;

/** Bits of `keys.flags`, one number per basket (spec section 4, 8.3). */
export const BASKET_FLAGS = {
  anonymous: 1,
  coldStart: 2,
  novelProduct: 4,
  singleItem: 8,
  long: 16,
  truncated: 32,
  zeroPrice: 64,
} as const;

/** Classes 1.. of the basket that is predicted, `[B]` each; 0 is unknown and takes no part in a loss. */
export interface BatchLabels {
  /** S, M, L. */
  readonly basketSize: Int32Array;
  /** LA, MM, UM. */
  readonly priceSensitivity: Int32Array;
  /** Top Up, Full Shop, Small Shop, Emergency. */
  readonly missionType: Int32Array;
  /** Fresh, Grocery, Mixed, Nonfood, General. */
  readonly missionFocus: Int32Array;
}

/** What identifies each basket and the trip it was, `[B]` each: for joins, segments and reports, never model input. */
export interface BatchKeys {
  /** Number of the basket over all three splits. */
  readonly basketRow: Uint32Array;
  /** The till's basket number. */
  readonly basketId: Float64Array;
  /** Row of `entities/customers.arrow`; 0 is an anonymous customer. */
  readonly customerRow: Uint32Array;
  /** Row of `entities/stores.arrow`; 0 is an unknown store. */
  readonly storeRow: Uint32Array;
  /** Calendar week index: 1 is the first week of the calendar file. */
  readonly week: Uint16Array;
  /** Days since 1970-01-01. */
  readonly date: Int32Array;
  readonly hour: Uint8Array;
  /** Earlier baskets of the customer by date, hour and id; 0 for anonymous ones. */
  readonly priorBaskets: Uint32Array;
  /** Bits of {@link BASKET_FLAGS}. */
  readonly flags: Uint16Array;
}

/** The customer's newest earlier baskets, oldest first, one token each (spec section 5, 2.8 step 3). */
export interface BatchHistory {
  /** H: 0 when no basket of the batch has a history. */
  readonly length: number;
  /** `[B, H, 320]`: mean T2, then mean T4 of the earlier basket; zero where not valid. */
  readonly tokens: Float32Array;
  /** `[B, H]`: 1 = a basket, 0 = padding (on the right). */
  readonly valid: Uint8Array;
  /** `[B, H]`: weeks between the earlier basket and this one, 0 to 117. */
  readonly age: Int32Array;
}

/** Every product that the customer bought before this basket: candidates of the repeat head (spec section 5, 6.3). */
export interface BatchRepeats {
  /** `[B + 1]`: basket `i` owns candidates `offsets[i]` up to `offsets[i + 1]`. */
  readonly offsets: Int32Array;
  /** `[C]`: product tokens, ascending inside a basket. */
  readonly productIds: Int32Array;
  /** `[C, 3]`: ln(1 + n), n / earlier baskets, exp(-weeks since the last purchase / 4). */
  readonly features: Float32Array;
}

/** The customer's earlier baskets, each compared with what is not hidden of this one. */
export interface BatchSimilarBaskets {
  /** `[B + 1]`: basket `i` owns comparisons `offsets[i]` up to `offsets[i + 1]`. */
  readonly offsets: Int32Array;
  /**
   * `[E, 6]`: share of the visible products, Jaccard index with them, same store, hours apart / 4, |ln(ratio of items)|,
   * exp(-weeks / 26).
   */
  readonly features: Float32Array;
  /** `[I]`: comparison, 0 to E - 1, that each product of an earlier basket belongs to. */
  readonly itemBaskets: Int32Array;
  /** `[I]`: the product, as a candidate of {@link BatchRepeats}, 0 to C - 1. */
  readonly itemCandidates: Int32Array;
}

/** One batch of baskets for masked-product training and for evaluation. */
export interface Batch {
  readonly epoch: number;
  /** Number of this batch in its epoch, counted over all shards: where to resume. */
  readonly index: number;
  /** B. */
  readonly size: number;
  /** S. */
  readonly positions: number;
  /** M: the largest number of masked positions of a basket of the batch; 0 when nothing is masked. */
  readonly maskedLength: number;

  /** `[B, 400]`: T1 192, T3 64, T5 96, T6 48. */
  readonly denseContext: Float32Array;
  /** `[B, S, 256]`: T2 after corruption; zero on padding, no position encoding unless the artifact was built with it. */
  readonly productEmbeddings: Float32Array;
  /** `[B, S, 64]`: T4 after corruption; zero on MASK, EOS, padding and items without a price. */
  readonly priceFeatures: Float32Array;
  /** `[B, S]`: 1 = item, MASK or EOS; 0 = padding. */
  readonly attentionMask: Uint8Array;
  /** `[B]`: positions in use, EOS included. */
  readonly lengths: Uint16Array;
  /** `[B, S]`: tokens after corruption (0 padding, 1..P products, MASK, EOS). */
  readonly productIds: Int32Array;
  /** `[B, S]`: tokens before corruption. */
  readonly originalIds: Int32Array;
  /** `[B, S]`: codes of {@link CORRUPTION}. */
  readonly corruption: Uint8Array;

  /** `[B, M]`: positions to predict, ascending, then {@link NO_POSITION}. */
  readonly maskedPositions: Int32Array;
  /** `[B, M]`: the tokens that stood there, then {@link NO_TARGET}. */
  readonly maskedTargets: Int32Array;
  /** `[B]`: positions to predict in each basket. */
  readonly maskedCounts: Uint16Array;

  readonly labels: BatchLabels;
  readonly keys: BatchKeys;
  /** Present when the loader was asked for it (`history` > 0). */
  readonly history?: BatchHistory;
  /** Present when the loader was asked for it (`repeats`). */
  readonly repeats?: BatchRepeats;
  /** Present when the loader was asked for it (`similarBaskets`, beside `repeats`). */
  readonly similarBaskets?: BatchSimilarBaskets;
}

/** One batch of next-basket pairs: an earlier basket, and what the same customer bought on the next trip. */
export interface PairBatch {
  readonly epoch: number;
  readonly index: number;
  readonly size: number;
  readonly positions: number;
  /** `[B, 400]`: T1, T3, T5, T6 of the **target** trip. */
  readonly denseContext: Float32Array;
  /** `[B, S, 256]`, `[B, S, 64]`, `[B, S]`, `[B, S]`: the **input** basket, uncorrupted. */
  readonly productEmbeddings: Float32Array;
  readonly priceFeatures: Float32Array;
  readonly attentionMask: Uint8Array;
  readonly productIds: Int32Array;
  readonly lengths: Uint16Array;
  /** Products of the target basket: `offsets [B + 1]`, `productIds [T]`, distinct and ascending in each basket. */
  readonly targets: { readonly offsets: Int32Array; readonly productIds: Int32Array };
  /** Labels of the target. */
  readonly labels: BatchLabels;
  /** `[B]`: row of the store of the input trip, and of the target trip (0 unknown: outside every loss). */
  readonly previousStoreRow: Uint32Array;
  readonly targetStoreRow: Uint32Array;
  /** `[B]`: weeks and days between the two trips. */
  readonly weekGap: Uint16Array;
  readonly dayGap: Uint16Array;
  readonly inputBasketRow: Uint32Array;
  /** Keys of the target. */
  readonly keys: BatchKeys;
  readonly history?: BatchHistory;
  readonly repeats?: BatchRepeats;
}
