import { barX, gridX, ruleX } from '@observablehq/plot';
import { formatBytes, formatDuration } from '@retail-sim/cli';
import { draw } from '../charts/draw.js';
import { dataTable } from '../page/data-table.js';
import { figure } from '../page/figure.js';
import { html } from '../page/html.js';
import type { Section } from '../page/section.js';

/** What a stage's process took. */
export interface StageCost {
  readonly stage: string;
  readonly seconds: number;
  readonly cpuSeconds: number | null;
  readonly peakBytes: number | null;
}

/** Time and memory of the stages, slowest first. */
export function costSection(costs: readonly StageCost[]): Section {
  const slowest = [...costs].sort((left, right) => right.seconds - left.seconds);
  const total = costs.reduce((sum, { seconds }) => sum + seconds, 0);
  const [first] = slowest;
  return {
    id: 'cost',
    title: 'Time and memory',
    body: html`${figure(
      draw({
        ariaDescription: 'Wall seconds of each stage, slowest first',
        height: 40 + 34 * costs.length,
        marginLeft: 150,
        x: { label: 'seconds' },
        y: { label: null, domain: slowest.map(({ stage }) => stage) },
        marks: [
          gridX({ strokeOpacity: 0.15 }),
          barX(slowest, { x: 'seconds', y: 'stage', fill: 'var(--series-1)', fillOpacity: 0.7 }),
          ruleX([0]),
        ],
      }),
      'Wall seconds of each stage.',
    )}
${dataTable(
  'Stages, slowest first',
  [
    { title: 'stage' },
    { title: 'wall', numeric: true },
    { title: 'CPU', numeric: true },
    { title: 'peak memory', numeric: true },
  ],
  slowest.map(({ stage, seconds, cpuSeconds, peakBytes }) => [
    stage,
    formatDuration(seconds),
    cpuSeconds === null ? 'not measured' : formatDuration(cpuSeconds),
    peakBytes === null ? 'not measured' : formatBytes(peakBytes),
  ]),
)}`,
    finding:
      first === undefined
        ? undefined
        : `All stages took ${formatDuration(total)}; the slowest was ${first.stage} with ${formatDuration(first.seconds)}.`,
  };
}
