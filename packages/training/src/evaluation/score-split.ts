import type { Batch, OpenTensors } from '@retail-sim/tensor-preparation';
import { asOfPriorLabel, UNKNOWN_LABEL } from '../baselines/auxiliary-baselines.js';
import type { MaskedProductBaseline } from '../baselines/masked-product-baselines.js';
import { focalInverse } from '../metrics/focal-inverse.js';
import { rankOf } from '../metrics/rank.js';
import { type ProductFacts, popularityDeciles, type SegmentFacts } from '../segments/segment.js';
import { AUXILIARY_TASKS, type AuxiliaryTask } from './auxiliary-tasks.js';
import type { RankedScorer } from './evaluation-report.js';
import { type HiddenProduct, hiddenProducts, hideCompletely } from './hidden-products.js';
import type { TrainingFacts } from './training-facts.js';

/** What a trained model says of a batch. */
export interface ModelOutput {
  /** `[B * M, V]`. */
  readonly logits: Float32Array;
  /** `[B, classes]` each. */
  readonly auxiliary: Readonly<Record<AuxiliaryTask, Float32Array>>;
}

/** A trained model as the evaluation sees it. */
export interface ScoringModel {
  readonly name: string;
  readonly predict: (batch: Batch) => Promise<ModelOutput>;
  /** Focusing parameter of the loss that it was trained with: its softmax is no probability (spec 5, 6.4). */
  readonly focalGamma: number;
  /** Labels that it was trained to predict; its other heads say nothing. */
  readonly labels: readonly AuxiliaryTask[];
}

export interface ScoreSplitOptions {
  readonly tensors: OpenTensors;
  readonly facts: TrainingFacts;
  readonly batches: AsyncIterable<Batch>;
  readonly baselines: Readonly<Record<string, MaskedProductBaseline>>;
  /** The trained model first; others, such as ablations of it, behind. */
  readonly models: readonly ScoringModel[];
  /** Told after each batch how many baskets are done. */
  readonly progress?: (baskets: number) => void;
}

/** One hidden product with what segments and intervals need. */
export interface ScoredProduct {
  /** Cluster of the bootstrap: the customer's row, or a number below 0 of its own for an anonymous basket. */
  readonly cluster: number;
  readonly sample: SegmentFacts;
  readonly product: ProductFacts;
}

/** Right and wrong answers of an auxiliary head and its baselines. */
export interface AuxiliaryScores {
  readonly count: number;
  readonly model: number | undefined;
  readonly majority: number;
  readonly asOfPrior: number;
}

export interface SplitScores {
  readonly baskets: number;
  readonly products: readonly ScoredProduct[];
  /** Models first, then baselines; ranks aligned with `products`. */
  readonly scorers: readonly RankedScorer[];
  readonly modelCount: number;
  /** Probability of the model's first choice, corrected for the focal loss, and whether it was right, `[n]`. */
  readonly confidence: Float64Array;
  readonly correct: Uint8Array;
  /** Shares of right answers. */
  readonly auxiliary: Readonly<Record<AuxiliaryTask, AuxiliaryScores>>;
}

/** Scores every hidden product of the batches with the model and all baselines, on the same samples and masks. */
export async function scoreSplit(options: ScoreSplitOptions): Promise<SplitScores> {
  const { tensors, facts, models } = options;
  const { products: productCount, mask } = tensors.manifest.vocab;
  const deciles = popularityDeciles(facts.counts.single);
  const scores = new Float64Array(facts.counts.classes);
  const products: ScoredProduct[] = [];
  const baselineRanks = Object.keys(options.baselines).map((): number[] => []);
  const modelRanks = models.map((): number[] => []);
  const confidence: number[] = [];
  const correct: number[] = [];
  const tallies = auxiliaryTallies();
  let baskets = 0;

  for await (const loaded of options.batches) {
    const batch = hideCompletely(loaded, mask);
    const samples = Array.from({ length: batch.size }, (_, basket) => segmentFacts(batch, basket, facts));
    for (const hidden of hiddenProducts(batch, productCount)) {
      const sample = samples[hidden.basket];
      if (sample === undefined) continue;
      products.push({
        cluster: clusterOf(batch, hidden.basket),
        sample,
        product: {
          popularityDecile: deciles[hidden.target] ?? 0,
          boughtBefore: hidden.knownProducts.includes(hidden.target),
        },
      });
      for (const [index, score] of Object.values(options.baselines).entries()) {
        score(hidden, scores);
        leaveOutImpossible(scores, hidden, productCount);
        baselineRanks[index]?.push(rankOf(scores, hidden.target));
      }
    }
    for (const [index, model] of models.entries()) {
      const output = await model.predict(batch);
      const classes = output.logits.length / (batch.size * batch.maskedLength);
      for (const hidden of hiddenProducts(batch, productCount)) {
        const logits = output.logits.subarray(hidden.place * classes, (hidden.place + 1) * classes);
        leaveOutImpossible(logits, hidden, productCount);
        const rank = rankOf(logits, hidden.target);
        modelRanks[index]?.push(rank);
        if (index > 0) continue;
        confidence.push(topProbability(logits, productCount, model.focalGamma));
        correct.push(rank === 1 ? 1 : 0);
      }
      if (index === 0) tallyModel(tallies, batch, output);
    }
    tallyBaselines(tallies, batch, options);
    baskets += batch.size;
    options.progress?.(baskets);
  }

  const baselines = Object.keys(options.baselines).map((name, index) => ({
    name,
    ranks: Float64Array.from(baselineRanks[index] ?? []),
  }));
  const own = models.map(({ name }, index) => ({ name, ranks: Float64Array.from(modelRanks[index] ?? []) }));
  return {
    baskets,
    products,
    scorers: [...own, ...baselines],
    modelCount: own.length,
    confidence: Float64Array.from(confidence),
    correct: Uint8Array.from(correct),
    auxiliary: sharesOf(tallies, models[0]?.labels ?? []),
  };
}

/**
 * Takes out of the competition what cannot be hidden: PAD, MASK, EOS, unused classes, and the products that are
 * still visible, for a basket names each of its products once. The same for every scorer.
 */
export function leaveOutImpossible(
  scores: Float32Array | Float64Array,
  { visible }: HiddenProduct,
  products: number,
): void {
  scores[0] = Number.NEGATIVE_INFINITY;
  scores.fill(Number.NEGATIVE_INFINITY, products + 1);
  for (let index = 0; index < visible.length; index++) scores[visible[index] ?? 0] = Number.NEGATIVE_INFINITY;
}

function clusterOf({ keys }: Batch, basket: number): number {
  const customer = keys.customerRow[basket] ?? 0;
  return customer > 0 ? customer : -1 - (keys.basketRow[basket] ?? 0);
}

function segmentFacts({ keys, lengths }: Batch, basket: number, { storeSeen }: TrainingFacts): SegmentFacts {
  const date = keys.date[basket] ?? 0;
  return {
    earlierBaskets: keys.priorBaskets[basket] ?? 0,
    identified: (keys.customerRow[basket] ?? 0) > 0,
    items: (lengths[basket] ?? 1) - 1,
    week: keys.week[basket] ?? 0,
    // 1970-01-01 was a Thursday.
    isoWeekday: ((((date + 3) % 7) + 7) % 7) + 1,
    hour: keys.hour[basket] ?? 0,
    storeSeenInTraining: storeSeen[keys.storeRow[basket] ?? 0] === 1,
  };
}

/** Calibrated probability of the likeliest product. */
function topProbability(logits: Float32Array, products: number, gamma: number): number {
  const competing = logits.subarray(1, products + 1);
  let largest = Number.NEGATIVE_INFINITY;
  for (const logit of competing) largest = Math.max(largest, logit);
  const probabilities = Float64Array.from(competing, (logit) => Math.exp(logit - largest));
  const sum = probabilities.reduce((total, value) => total + value, 0);
  for (let index = 0; index < probabilities.length; index++) {
    probabilities[index] = (probabilities[index] ?? 0) / sum;
  }
  return focalInverse(probabilities, gamma).reduce((best, value) => Math.max(best, value), 0);
}

interface Tally {
  count: number;
  model: number;
  majority: number;
  asOfPrior: number;
}

const TASKS = Object.values(AUXILIARY_TASKS);

const auxiliaryTallies = (): ReadonlyMap<AuxiliaryTask, Tally> =>
  new Map(TASKS.map(({ name }) => [name, { count: 0, model: 0, majority: 0, asOfPrior: 0 }]));

function tallyModel(
  tallies: ReadonlyMap<AuxiliaryTask, Tally>,
  batch: Batch,
  { auxiliary }: ModelOutput,
): void {
  for (const { name, classes } of TASKS) {
    const tally = tallies.get(name);
    for (const [basket, label] of batch.labels[name].entries()) {
      if (label === UNKNOWN_LABEL || tally === undefined) continue;
      if (rankOf(auxiliary[name], label, basket * classes, classes) === 1) tally.model++;
    }
  }
}

function tallyBaselines(
  tallies: ReadonlyMap<AuxiliaryTask, Tally>,
  { labels, keys }: Batch,
  { tensors, facts }: ScoreSplitOptions,
): void {
  const { samples, states, trainShares } = tensors.tables;
  for (const { name, classes, priorOffset } of TASKS) {
    const tally = tallies.get(name);
    for (const [basket, label] of labels[name].entries()) {
      if (label === UNKNOWN_LABEL || tally === undefined) continue;
      const state = samples.stateRow(keys.basketRow[basket] ?? 0);
      const shares = state === 0 ? trainShares : states.missionPrior(state);
      tally.count++;
      if (facts.majority[name] === label) tally.majority++;
      if (asOfPriorLabel(shares, priorOffset, classes - 1) === label) tally.asOfPrior++;
    }
  }
}

function sharesOf(
  tallies: ReadonlyMap<AuxiliaryTask, Tally>,
  predicted: readonly AuxiliaryTask[],
): Record<AuxiliaryTask, AuxiliaryScores> {
  const shares = [...tallies].map(([name, { count, model, majority, asOfPrior }]) => [
    name,
    {
      count,
      model: predicted.includes(name) ? model / count : undefined,
      majority: majority / count,
      asOfPrior: asOfPrior / count,
    },
  ]);
  return Object.fromEntries(shares) as Record<AuxiliaryTask, AuxiliaryScores>;
}
