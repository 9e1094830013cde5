import { bootstrapInterval, bootstrapIntervals, clustersOf, type Interval } from '../metrics/bootstrap.js';
import { type MaskedProductMetrics, maskedProductMetrics } from '../metrics/masked-product.js';

/** Ranks that one scorer (the model or a baseline) gave to the hidden products of a split. */
export interface RankedScorer {
  readonly name: string;
  /** [n], aligned with the customers. */
  readonly ranks: Float64Array;
}

/** One line of the table of an evaluation. */
export interface EvaluationRow {
  readonly scorer: string;
  /** Breakdown and value, or `overall`. */
  readonly segment: string;
  readonly value: string;
  readonly metrics: MaskedProductMetrics;
  /** 95 % intervals, resampled by customer. */
  readonly intervals: Readonly<Record<IntervalMetric, Interval>>;
}

/** The metrics that carry an interval. */
export const INTERVAL_METRICS = ['hit@1', 'hit@10', 'mrr'] as const;
export type IntervalMetric = (typeof INTERVAL_METRICS)[number];

const VALUE_OF: Readonly<Record<IntervalMetric, (rank: number) => number>> = {
  'hit@1': (rank) => (rank <= 1 ? 1 : 0),
  'hit@10': (rank) => (rank <= 10 ? 1 : 0),
  mrr: (rank) => 1 / rank,
};

/**
 * Metrics of every scorer over all hidden products.
 *
 * @param customers cluster of each hidden product, [n]; every anonymous basket is a cluster of its own
 */
export function overallRows(
  scorers: readonly RankedScorer[],
  customers: ArrayLike<number>,
  seed: number,
): readonly EvaluationRow[] {
  return rowsOf(scorers, 'overall', 'all', customers, seed);
}

/**
 * Metrics of every scorer within each value of a breakdown.
 *
 * @param values value of each hidden product in the breakdown, [n]
 */
export function segmentRows(
  scorers: readonly RankedScorer[],
  customers: ArrayLike<number>,
  segment: string,
  values: readonly string[],
  seed: number,
): readonly EvaluationRow[] {
  const rowsOfValue = new Map<string, number[]>();
  for (const [row, value] of values.entries()) {
    const rows = rowsOfValue.get(value);
    if (rows === undefined) rowsOfValue.set(value, [row]);
    else rows.push(row);
  }
  const ordered = [...rowsOfValue].sort(([left], [right]) =>
    left.localeCompare(right, 'en', { numeric: true }),
  );
  return ordered.flatMap(([value, rows]) => {
    const clusters = Float64Array.from(rows, (row) => customers[row] ?? 0);
    const own = scorers.map(({ name, ranks }) => ({
      name,
      ranks: Float64Array.from(rows, (row) => ranks[row] ?? Number.NaN),
    }));
    return rowsOf(own, segment, value, clusters, seed);
  });
}

/**
 * Interval of the difference of two scorers on the same hidden products: what decides whether one is better.
 */
export function differenceInterval(
  metric: IntervalMetric,
  better: RankedScorer,
  other: RankedScorer,
  customers: ArrayLike<number>,
  seed: number,
): Interval {
  const value = VALUE_OF[metric];
  const differences = Float64Array.from(
    better.ranks,
    (rank, row) => value(rank) - value(other.ranks[row] ?? Number.NaN),
  );
  return bootstrapInterval(differences, customers, seed);
}

/** The table as CSV, one line a row (RFC 4180); every value is a number or a plain word. */
export function toCsv(rows: readonly EvaluationRow[]): string {
  const header = [
    'scorer',
    'segment',
    'value',
    'count',
    'hit@1',
    'hit@5',
    'hit@10',
    'hit@20',
    'mrr',
    'mrr@10',
    ...INTERVAL_METRICS.flatMap((metric) => [`${metric} low`, `${metric} high`]),
  ];
  const lines = rows.map(({ scorer, segment, value, metrics, intervals }) => [
    scorer,
    segment,
    value,
    metrics.count,
    metrics['hit@1'],
    metrics['hit@5'],
    metrics['hit@10'],
    metrics['hit@20'],
    metrics.mrr,
    metrics['mrr@10'],
    ...INTERVAL_METRICS.flatMap((metric) => [intervals[metric].low, intervals[metric].high]),
  ]);
  return `${[header, ...lines].map((line) => line.map(quoted).join(',')).join('\r\n')}\r\n`;
}

/** A row for each scorer over the same hidden products; all intervals come from the same resamples. */
function rowsOf(
  scorers: readonly RankedScorer[],
  segment: string,
  value: string,
  customers: ArrayLike<number>,
  seed: number,
): readonly EvaluationRow[] {
  const columns = scorers.flatMap(({ ranks }) =>
    INTERVAL_METRICS.map((metric) => Float64Array.from(ranks, VALUE_OF[metric])),
  );
  const intervals = bootstrapIntervals(columns, clustersOf(customers), seed);
  return scorers.map(({ name, ranks }, scorer) => {
    const interval = (metric: IntervalMetric): Interval =>
      intervals[scorer * INTERVAL_METRICS.length + INTERVAL_METRICS.indexOf(metric)] ?? {
        low: Number.NaN,
        high: Number.NaN,
      };
    return {
      scorer: name,
      segment,
      value,
      metrics: maskedProductMetrics(ranks),
      intervals: { 'hit@1': interval('hit@1'), 'hit@10': interval('hit@10'), mrr: interval('mrr') },
    };
  });
}

function quoted(cell: string | number): string {
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
