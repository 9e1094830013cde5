import { openLoader, openTensors, type SplitName } from '@retail-sim/tensor-preparation';
import { type Calibration, calibrationOf } from '../metrics/calibration-error.js';
import { type SegmentName, segments } from '../segments/segment.js';
import type { AuxiliaryTask } from './auxiliary-tasks.js';
import { bestBaselines, type Comparison } from './best-baselines.js';
import { type EvaluationRow, overallRows, segmentRows } from './evaluation-report.js';
import { fitCoOccurrenceWeight, maskedProductBaselines } from './fit-co-occurrence-weight.js';
import { type AuxiliaryScores, type ScoringModel, scoreSplit } from './score-split.js';
import { trainingFacts } from './training-facts.js';

/** Validation baskets that the weight of the combined baseline is fitted on. */
const FIT_BASKETS = 4096;

export interface EvaluateOptions {
  /** Folder of the tensors. */
  readonly tensors: string;
  readonly split: SplitName;
  readonly batchSize: number;
  readonly seed: number;
  /** Judges a seeded choice of this many baskets; all of them by default. */
  readonly limit?: number;
  readonly segments: readonly SegmentName[];
  /** The model, and how many earlier baskets it reads; without it only the baselines are judged. */
  readonly model?: ScoringModel & { readonly history: number };
  readonly signal?: AbortSignal;
  readonly progress?: (what: string, done: number, total: number) => void;
}

export interface Evaluation {
  readonly split: SplitName;
  readonly tensors: string;
  /** Changes with the data: of the tensors' manifest. */
  readonly contents: string;
  readonly seed: number;
  readonly baskets: number;
  readonly hiddenProducts: number;
  /** Weight of co-occurrence in the combined baseline, fitted on validation. */
  readonly coOccurrenceWeight: number;
  readonly rows: readonly EvaluationRow[];
  /** The model against the best baseline of each metric. */
  readonly comparisons: readonly Comparison[];
  readonly calibration: Calibration | undefined;
  readonly auxiliary: Readonly<Record<AuxiliaryTask, AuxiliaryScores>>;
}

/**
 * Judges a model and all baselines on the same hidden products of a split: masks are those of epoch 0, every hidden
 * product is replaced by MASK, and baselines count the training split only (spec section 5, part 9).
 *
 * @throws InputError for a tensor folder that is missing, damaged or has nothing in the split
 */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { split, seed, model, batchSize } = options;
  using tensors = await openTensors(options.tensors);
  const { products } = tensors.manifest.vocab;
  const load = (name: SplitName, limit: number | undefined) =>
    openLoader({
      folder: options.tensors,
      split: name,
      batchSize,
      seed,
      shuffle: false,
      repeats: true,
      history: model?.history ?? 0,
      ...(limit === undefined ? {} : { limit }),
    });
  await using judged = await load(split, options.limit);
  const facts = trainingFacts(tensors);
  await using fitted = await load('val', FIT_BASKETS);
  const coOccurrenceWeight = await fitCoOccurrenceWeight(
    facts.counts,
    products,
    untilStopped(fitted.batches(0), options.signal),
  );
  const scores = await scoreSplit({
    tensors,
    facts,
    batches: untilStopped(judged.batches(0), options.signal),
    baselines: maskedProductBaselines(facts.counts, coOccurrenceWeight),
    ...(model === undefined ? {} : { model }),
    progress: (baskets) => options.progress?.('baskets', baskets, judged.samples),
  });

  const clusters = Float64Array.from(scores.products, ({ cluster }) => cluster);
  const bySegment = options.segments.flatMap((name) =>
    segmentRows(
      scores.scorers,
      clusters,
      name,
      scores.products.map(({ sample, product }) => segments[name](sample, product)),
      seed,
    ),
  );
  return {
    split,
    tensors: options.tensors,
    contents: tensors.contents,
    seed,
    baskets: scores.baskets,
    hiddenProducts: scores.products.length,
    coOccurrenceWeight,
    rows: [...overallRows(scores.scorers, clusters, seed), ...bySegment],
    comparisons: model === undefined ? [] : bestBaselines(scores.scorers, clusters, seed),
    calibration: model === undefined ? undefined : calibrationOf(scores.confidence, scores.correct),
    auxiliary: scores.auxiliary,
  };
}

async function* untilStopped<T>(items: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  for await (const item of items) {
    signal?.throwIfAborted();
    yield item;
  }
}
