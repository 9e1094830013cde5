import { dot, gridX, ruleX, ruleY } from '@observablehq/plot';
import { draw, NARROW } from '../charts/draw.js';
import { dataTable } from '../page/data-table.js';
import { figure } from '../page/figure.js';
import { html } from '../page/html.js';
import { count, fixed, percent } from '../page/numbers.js';
import type { Section } from '../page/section.js';
import type { Evaluation } from '../read-evaluation.js';

const METRICS = ['hit@1', 'hit@10', 'mrr'] as const;
type Metric = (typeof METRICS)[number];

const CAPTIONS = {
  'hit@10': 'hit@10: share of hidden products among the first ten.',
  mrr: 'mrr: mean of 1 / rank of the hidden product.',
} as const;

/** The model beside the baselines, on the same hidden products. */
export function evaluationSection(evaluation: Evaluation): Section {
  const overall = evaluation.rows.filter(({ segment }) => segment === 'overall');
  const [decisive] = evaluation.comparisons.filter(({ metric }) => metric === 'hit@10');
  return {
    id: 'evaluation',
    title: 'Evaluation',
    body: html`<p>${count(evaluation.hiddenProducts)} products hidden in ${count(evaluation.baskets)} baskets of the
${evaluation.split} split. Every scorer ranks the same hidden products; intervals are 95 %, resampled by customer.</p>
<div class="grid">
${(['hit@10', 'mrr'] as const).map((metric) => figure(intervalChart(overall, metric), CAPTIONS[metric]))}
</div>
${dataTable(
  'Masked products',
  [{ title: 'scorer' }, ...METRICS.map((title) => ({ title, numeric: true }))],
  overall.map(({ scorer, metrics, intervals }) => [
    scorer,
    ...METRICS.map(
      (metric) =>
        `${fixed(metrics[metric], 3)} [${fixed(intervals[metric].low, 3)}, ${fixed(intervals[metric].high, 3)}]`,
    ),
  ]),
)}
${dataTable(
  'The model against the best baseline of each metric',
  [
    { title: 'metric' },
    { title: 'model', numeric: true },
    { title: 'baseline', numeric: true },
    { title: 'best baseline' },
    { title: 'difference', numeric: true },
  ],
  evaluation.comparisons.map(({ metric, model, baseline, bestBaseline, difference }) => [
    metric,
    fixed(model, 3),
    fixed(baseline, 3),
    bestBaseline,
    `[${fixed(difference.low, 3)}, ${fixed(difference.high, 3)}]`,
  ]),
)}
${dataTable(
  'What the trip will be: share of right answers',
  [
    { title: 'head' },
    { title: 'model', numeric: true },
    { title: 'majority', numeric: true },
    { title: 'as-of prior of the customer', numeric: true },
    { title: 'baskets', numeric: true },
  ],
  Object.entries(evaluation.auxiliary).map(([task, scores]) => [
    task.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
    scores.model === undefined ? 'none' : percent(scores.model),
    percent(scores.majority),
    percent(scores.asOfPrior),
    count(scores.count),
  ]),
)}`,
    finding:
      decisive === undefined
        ? undefined
        : `Hidden products on the ${evaluation.split} split: hit@10 ${fixed(decisive.model, 3)} of the model against ${fixed(decisive.baseline, 3)} of the best baseline (${decisive.bestBaseline}), difference [${fixed(decisive.difference.low, 3)}, ${fixed(decisive.difference.high, 3)}].`,
  };
}

function intervalChart(rows: Evaluation['rows'], metric: Metric) {
  const points = rows.map(({ scorer, metrics, intervals }, place) => ({
    scorer,
    value: metrics[metric],
    low: intervals[metric].low,
    high: intervals[metric].high,
    colour: place === 0 ? 'var(--series-2)' : 'var(--series-1)',
  }));
  const spoken = points.map(({ scorer, value }) => `${scorer} ${fixed(value, 3)}`).join(', ');
  return draw({
    width: NARROW,
    height: 50 + 32 * points.length,
    marginLeft: 235,
    ariaDescription: `${metric} of each scorer: ${spoken}`,
    x: { label: metric, domain: [0, Math.max(...points.map(({ high }) => high)) * 1.05], ticks: 5 },
    y: { label: null, domain: points.map(({ scorer }) => scorer), type: 'band' },
    marks: [
      gridX({ strokeOpacity: 0.15 }),
      ruleY(points, { y: 'scorer', x1: 'low', x2: 'high', stroke: 'colour', strokeWidth: 2 }),
      dot(points, { x: 'value', y: 'scorer', fill: 'colour', r: 4 }),
      ruleX([0]),
    ],
  });
}
