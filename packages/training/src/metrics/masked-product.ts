/** The cut-offs of the hit rate. */
export const HIT_CUTOFFS = [1, 5, 10, 20] as const;

export interface MaskedProductMetrics {
  /** Hidden products that were ranked. */
  readonly count: number;
  readonly 'hit@1': number;
  readonly 'hit@5': number;
  readonly 'hit@10': number;
  readonly 'hit@20': number;
  /** Mean reciprocal rank over all classes. */
  readonly mrr: number;
  /** The same, 0 beyond rank 10. */
  readonly 'mrr@10': number;
}

/** Metrics of hidden products from their ranks; every hidden product weighs the same (spec 5, 9.1). */
export function maskedProductMetrics(ranks: ArrayLike<number>): MaskedProductMetrics {
  const count = ranks.length;
  const share = (value: (rank: number) => number): number => {
    let sum = 0;
    for (let index = 0; index < count; index++) sum += value(ranks[index] ?? Number.POSITIVE_INFINITY);
    return count === 0 ? Number.NaN : sum / count;
  };
  const hit = (cutoff: number): number => share((rank) => (rank <= cutoff ? 1 : 0));
  return {
    count,
    'hit@1': hit(1),
    'hit@5': hit(5),
    'hit@10': hit(10),
    'hit@20': hit(20),
    mrr: share((rank) => 1 / rank),
    'mrr@10': share((rank) => (rank <= 10 ? 1 / rank : 0)),
  };
}
