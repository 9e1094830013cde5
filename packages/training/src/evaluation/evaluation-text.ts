import { formatNumber, formatTable } from '@retail-sim/cli';
import type { Interval } from '../metrics/bootstrap.js';
import { AUXILIARY_TASKS } from './auxiliary-tasks.js';
import type { Evaluation } from './evaluate.js';
import { type EvaluationRow, INTERVAL_METRICS } from './evaluation-report.js';

const number = (value: number): string => formatNumber(value, 3);
const interval = ({ low, high }: Interval): string => `[${number(low)}, ${number(high)}]`;

/**
 * The evaluation for a terminal.
 *
 * @param detailed prints the segments as well
 */
export function evaluationText(evaluation: Evaluation, detailed: boolean): string {
  const { rows, comparisons, calibration, baskets, hiddenProducts, split } = evaluation;
  const parts = [
    `Masked products, ${split} split: ${formatNumber(hiddenProducts)} hidden in ${formatNumber(baskets)} baskets; 95 % intervals by customer`,
    metricsTable(rows.filter(({ segment }) => segment === 'overall')),
  ];
  for (const { metric, model, baseline, bestBaseline, difference } of comparisons) {
    parts.push(
      `${metric}: ${number(model)} against ${number(baseline)} of ${bestBaseline}, difference ${interval(difference)}`,
    );
  }
  if (calibration !== undefined) {
    parts.push(
      `Calibration of the first choice: ECE ${number(calibration.expectedCalibrationError)}, Brier ${number(calibration.brier)}`,
    );
  }
  parts.push('', 'Trip labels, share right', auxiliaryTable(evaluation));
  if (detailed) {
    const names = [...new Set(rows.map(({ segment }) => segment))].filter((name) => name !== 'overall');
    for (const name of names) {
      parts.push(`By ${name}`, metricsTable(rows.filter(({ segment }) => segment === name)));
    }
  }
  return parts.join('\n');
}

function metricsTable(rows: readonly EvaluationRow[]): string {
  const segmented = rows.some(({ segment }) => segment !== 'overall');
  const columns = [
    ...(segmented ? [{ title: 'value' }] : []),
    { title: 'scorer' },
    ...(segmented ? [{ title: 'n', align: 'right' as const }] : []),
    ...INTERVAL_METRICS.map((title) => ({ title: `${title} [95 %]`, align: 'right' as const })),
    { title: 'hit@5', align: 'right' as const },
    { title: 'hit@20', align: 'right' as const },
  ];
  return formatTable(
    columns,
    rows.map(({ scorer, value, metrics, intervals }) => [
      ...(segmented ? [value] : []),
      scorer,
      ...(segmented ? [formatNumber(metrics.count)] : []),
      ...INTERVAL_METRICS.map((metric) => `${number(metrics[metric])} ${interval(intervals[metric])}`),
      number(metrics['hit@5']),
      number(metrics['hit@20']),
    ]),
  );
}

function auxiliaryTable({ auxiliary }: Evaluation): string {
  return formatTable(
    [
      { title: 'label' },
      { title: 'n', align: 'right' },
      { title: 'model', align: 'right' },
      { title: 'as-of prior', align: 'right' },
      { title: 'majority', align: 'right' },
    ],
    Object.values(AUXILIARY_TASKS).map(({ name, title }) => {
      const { count, model, asOfPrior, majority } = auxiliary[name];
      return [
        title,
        formatNumber(count),
        model === undefined ? '-' : number(model),
        number(asOfPrior),
        number(majority),
      ];
    }),
  );
}
