import type { Batch } from '@retail-sim/tensor-preparation';
import type { LossWeights } from '@retail-sim/world-model';

/** Targets of each loss term in a batch: what its mean is over. */
export function targetCounts(batch: Batch): LossWeights {
  const known = (labels: Int32Array): number =>
    labels.reduce((count, label) => count + (label > 0 ? 1 : 0), 0);
  return {
    focal: batch.maskedCounts.reduce((sum, count) => sum + count, 0),
    // Pairs are drawn inside the loss; baskets stand for them.
    contrastive: batch.size,
    basketSize: known(batch.labels.basketSize),
    priceSensitivity: known(batch.labels.priceSensitivity),
    missionType: known(batch.labels.missionType),
    missionFocus: known(batch.labels.missionFocus),
  };
}

/** The share that each batch has in each term over all batches; 0 for a term without targets. */
export function shareOfTerms(counts: readonly LossWeights[]): readonly LossWeights[] {
  const share = (term: keyof LossWeights) => {
    const total = counts.reduce((sum, count) => sum + count[term], 0);
    return (count: LossWeights): number => (total === 0 ? 0 : count[term] / total);
  };
  const shares = {
    focal: share('focal'),
    contrastive: share('contrastive'),
    basketSize: share('basketSize'),
    priceSensitivity: share('priceSensitivity'),
    missionType: share('missionType'),
    missionFocus: share('missionFocus'),
  };
  return counts.map((count) => ({
    focal: shares.focal(count),
    contrastive: shares.contrastive(count),
    basketSize: shares.basketSize(count),
    priceSensitivity: shares.priceSensitivity(count),
    missionType: shares.missionType(count),
    missionFocus: shares.missionFocus(count),
  }));
}
