import type { Interval } from '../metrics/bootstrap.js';
import { maskedProductMetrics } from '../metrics/masked-product.js';
import {
  differenceInterval,
  INTERVAL_METRICS,
  type IntervalMetric,
  type RankedScorer,
} from './evaluation-report.js';

import type { SplitScores } from './score-split.js';

/** The model against the best baseline of one metric. */
export interface Comparison {
  readonly metric: IntervalMetric;
  readonly bestBaseline: string;
  readonly model: number;
  readonly baseline: number;
  /** 95 % interval of the difference on the same hidden products, resampled by customer. */
  readonly difference: Interval;
}

/**
 * Compares the first model with whatever baseline is best in each metric.
 *
 * @param clusters cluster of each hidden product, [n]
 */
export function compareWithBest(
  { scorers, modelCount }: Pick<SplitScores, 'scorers' | 'modelCount'>,
  clusters: ArrayLike<number>,
  seed: number,
): readonly Comparison[] {
  const [model] = scorers;
  if (model === undefined) return [];
  return INTERVAL_METRICS.flatMap((metric) => {
    const value = ({ ranks }: RankedScorer): number => maskedProductMetrics(ranks)[metric];
    const [best] = scorers.slice(modelCount).sort((left, right) => value(right) - value(left));
    if (best === undefined) return [];
    return {
      metric,
      bestBaseline: best.name,
      model: value(model),
      baseline: value(best),
      difference: differenceInterval(metric, model, best, clusters, seed),
    };
  });
}
