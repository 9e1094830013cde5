import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Batch, openLoader, openTensors, type SplitName } from '@retail-sim/tensor-preparation';
import { lossWeights } from '@retail-sim/world-model';
import { type Calibration, calibrationOf } from '../metrics/calibration-error.js';
import { type SegmentName, segments } from '../segments/segment.js';
import { type AblationName, ablations } from './ablations.js';
import { AUXILIARY_TASKS, type AuxiliaryTask } from './auxiliary-tasks.js';
import { type Comparison, compareWithBest } from './best-baselines.js';
import { type EvaluationRow, overallRows, segmentRows } from './evaluation-report.js';
import { fitCoOccurrenceWeight, maskedProductBaselines } from './fit-co-occurrence-weight.js';
import { type OpenModel, openModel } from './open-model.js';
import { predict } from './predict.js';
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
  /** Checkpoint folder of the model; without it only the baselines are judged. */
  readonly checkpoint?: string;
  /** Blocks of the model's input to leave out, one at a time. */
  readonly ablate: readonly AblationName[];
  readonly signal?: AbortSignal;
  readonly progress?: (what: string, done: number, total: number) => void;
}

export interface Evaluation {
  readonly split: SplitName;
  readonly tensors: string;
  readonly checkpoint: string | undefined;
  /** Optimizer steps of the checkpoint. */
  readonly step: number | undefined;
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
  const { split, seed, batchSize } = options;
  using tensors = await openTensors(options.tensors);
  const { products } = tensors.manifest.vocab;
  const opened = options.checkpoint === undefined ? undefined : await openModel(options.checkpoint, tensors);
  const load = (name: SplitName, limit: number | undefined) =>
    openLoader({
      folder: options.tensors,
      split: name,
      batchSize,
      seed,
      shuffle: false,
      repeats: true,
      similarBaskets: true,
      history: opened?.settings.history ?? 0,
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
    models: opened === undefined ? [] : scoringModels(opened, options.ablate),
    progress: (baskets) => options.progress?.('baskets', baskets, judged.samples),
  });
  opened?.model.dispose();

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
    checkpoint: options.checkpoint,
    step: opened?.state.step,
    contents: tensors.contents,
    seed,
    baskets: scores.baskets,
    hiddenProducts: scores.products.length,
    coOccurrenceWeight,
    rows: [...overallRows(scores.scorers, clusters, seed), ...bySegment],
    comparisons: opened === undefined ? [] : compareWithBest(scores, clusters, seed),
    calibration: opened === undefined ? undefined : calibrationOf(scores.confidence, scores.correct),
    auxiliary: scores.auxiliary,
  };
}

/** The model as it is, then without each of the blocks. */
function scoringModels(
  { model, settings }: OpenModel,
  ablate: readonly AblationName[],
): readonly ScoringModel[] {
  const weights = lossWeights('main', settings.mode);
  const labels = Object.values(AUXILIARY_TASKS).flatMap(({ name }) => (weights[name] > 0 ? [name] : []));
  const scorer = (name: string, change: (batch: Batch) => Batch): ScoringModel => ({
    name,
    predict: (batch) => predict(model, change(batch)),
    focalGamma: settings.focalGamma,
    labels,
  });
  return [
    scorer('model', (batch) => batch),
    ...ablate.map((name) => scorer(`model without ${name}`, ablations[name])),
  ];
}

async function* untilStopped<T>(items: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  for await (const item of items) {
    // Batches wait for nothing but ready promises: only a turn of the event loop lets a signal in.
    await nextTurn();
    signal?.throwIfAborted();
    yield item;
  }
}
