import type { Batch } from '@retail-sim/tensor-preparation';
import { type LossWeights, lossWeights, type WorldModel } from '@retail-sim/world-model';
import { AUXILIARY_TASKS } from '../evaluation/auxiliary-tasks.js';
import { hiddenProducts, hideCompletely } from '../evaluation/hidden-products.js';
import { predict } from '../evaluation/predict.js';
import { leaveOutImpossible } from '../evaluation/score-split.js';
import { maskedProductMetrics } from '../metrics/masked-product.js';
import { rankOf } from '../metrics/rank.js';

export interface ValidationResult {
  /**
   * Focal and auxiliary terms in main-phase weights, whatever the phase, so that values compare (spec section 5, 7.6).
   * The contrastive term is left out: it compares randomly drawn pairs and says nothing of a prediction.
   */
  readonly loss: number;
  readonly focal: number;
  readonly 'hit@1': number;
  readonly 'hit@10': number;
  readonly mrr: number;
  readonly baskets: number;
}

/** Judges the model on batches in which every hidden product is MASK, as the evaluation does. */
export async function validate(
  model: WorldModel,
  batches: AsyncIterable<Batch>,
  { focalGamma, maskToken }: { readonly focalGamma: number; readonly maskToken: number },
): Promise<ValidationResult> {
  const { products, mode } = model.config;
  const weights = lossWeights('main', mode);
  const focal = meanOf();
  const auxiliary = Object.values(AUXILIARY_TASKS).map((task) => ({ ...task, mean: meanOf() }));
  const ranks: number[] = [];
  let baskets = 0;
  for await (const loaded of batches) {
    const batch = hideCompletely(loaded, maskToken);
    const output = await predict(model, batch);
    const classes = output.logits.length / (batch.size * Math.max(1, batch.maskedLength));
    for (const hidden of hiddenProducts(batch, products)) {
      const logits = output.logits.subarray(hidden.place * classes, (hidden.place + 1) * classes);
      focal.add(focalLoss(logits, hidden.target, focalGamma));
      leaveOutImpossible(logits, hidden, products);
      ranks.push(rankOf(logits, hidden.target));
    }
    for (const { name, classes: labels, mean } of auxiliary) {
      for (const [basket, label] of batch.labels[name].entries()) {
        if (label === 0) continue;
        const logits = output.auxiliary[name].subarray(basket * labels, (basket + 1) * labels);
        mean.add(-logSoftmax(logits, label));
      }
    }
    baskets += batch.size;
  }
  const weightOf = (term: keyof LossWeights): number => weights[term];
  const loss = auxiliary.reduce(
    (sum, { name, mean }) => sum + weightOf(name) * mean.value(),
    weights.focal * focal.value(),
  );
  const { 'hit@1': hit1, 'hit@10': hit10, mrr } = maskedProductMetrics(ranks);
  return { loss, focal: focal.value(), 'hit@1': hit1, 'hit@10': hit10, mrr, baskets };
}

/** (1 - p)^gamma (-ln p) of the target (spec section 5, 5.1). */
function focalLoss(logits: Float32Array, target: number, gamma: number): number {
  const logProbability = logSoftmax(logits, target);
  return -((1 - Math.exp(logProbability)) ** gamma) * logProbability;
}

/** ln softmax(logits)[index]. */
function logSoftmax(logits: Float32Array, index: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) largest = Math.max(largest, logit);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - largest);
  return (logits[index] ?? Number.NaN) - largest - Math.log(sum);
}

/** A running mean; 0 of nothing. */
function meanOf(): { readonly add: (value: number) => void; readonly value: () => number } {
  let sum = 0;
  let count = 0;
  return {
    add: (value) => {
      sum += value;
      count++;
    },
    value: () => (count === 0 ? 0 : sum / count),
  };
}
