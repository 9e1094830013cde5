import { dot, gridY, line, text } from '@observablehq/plot';
import { formatBytes } from '@retail-sim/cli';
import { draw, NARROW } from '../charts/draw.js';
import { figure } from '../page/figure.js';
import { html } from '../page/html.js';
import { count, fixed } from '../page/numbers.js';
import type { Section } from '../page/section.js';
import type { TrainingLog } from '../read-training-log.js';

/** How the loss fell, and how fast. */
export function trainingSection(run: string, log: TrainingLog): Section {
  const { train, validation } = log;
  const last = train.at(-1);
  const speed =
    log.samplesPerSecond === undefined ? '' : `, ${count(log.samplesPerSecond)} baskets per second`;
  const memory = log.peakBytes === undefined ? '' : `, peak memory ${formatBytes(log.peakBytes)}`;
  const ends = [
    ...(last === undefined ? [] : [{ ...last, name: 'train' }]),
    ...validation.slice(-1).map(({ step, loss }) => ({ step, loss, name: 'validation' })),
  ];
  return {
    id: 'training',
    title: 'Training',
    body: html`<p>Run ${run}: ${count(last?.step ?? 0)} steps${speed}${memory}.</p>
<div class="grid">
${figure(
  draw({
    width: NARROW,
    marginRight: 70,
    ariaDescription: `Loss over training steps, last value ${fixed(last?.loss ?? Number.NaN, 3)}`,
    x: { label: 'step' },
    y: { label: 'loss' },
    marks: [
      gridY({ strokeOpacity: 0.15 }),
      line(train, { x: 'step', y: 'loss', stroke: 'var(--series-1)' }),
      line(validation, { x: 'step', y: 'loss', stroke: 'var(--series-2)' }),
      dot(validation, { x: 'step', y: 'loss', fill: 'var(--series-2)', r: 3 }),
      text(ends, { x: 'step', y: 'loss', text: 'name', textAnchor: 'start', dx: 6 }),
    ],
  }),
  'Loss on training baskets (mean since the last line of the log, with all its terms) and on validation baskets.',
)}
${figure(
  draw({
    width: NARROW,
    ariaDescription: 'hit@10 on validation baskets over training steps',
    x: { label: 'step' },
    y: { label: 'hit@10', domain: [0, Math.max(0.05, ...validation.map(({ hit10 }) => hit10)) * 1.1] },
    marks: [
      gridY({ strokeOpacity: 0.15 }),
      line(validation, { x: 'step', y: 'hit10', stroke: 'var(--series-2)' }),
      dot(validation, { x: 'step', y: 'hit10', fill: 'var(--series-2)', r: 3 }),
    ],
  }),
  'Share of hidden validation products among the first ten.',
)}
</div>`,
    finding: undefined,
  };
}
