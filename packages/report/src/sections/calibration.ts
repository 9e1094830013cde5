import { dot, gridX, gridY, line } from '@observablehq/plot';
import { draw, NARROW } from '../charts/draw.js';
import { figure } from '../page/figure.js';
import { html } from '../page/html.js';
import { fixed } from '../page/numbers.js';
import type { Section } from '../page/section.js';
import type { Evaluation } from '../read-evaluation.js';

/** Whether the model knows how sure it may be. */
export function calibrationSection(calibration: NonNullable<Evaluation['calibration']>): Section {
  const { bins, expectedCalibrationError, brier } = calibration;
  const highest = Math.max(
    ...bins.flatMap(({ meanConfidence, accuracy }) => [meanConfidence, accuracy]),
    0.01,
  );
  return {
    id: 'calibration',
    title: 'Calibration',
    body: html`<p>Expected calibration error ${fixed(expectedCalibrationError, 3)}, Brier score ${fixed(brier, 3)}, over
${bins.length} bins of equal mass.</p>
${figure(
  draw({
    width: NARROW,
    height: 360,
    ariaDescription: 'Share of right first choices against the probability that the model gave them',
    x: { label: 'probability given to the first choice', domain: [0, highest] },
    y: { label: 'share that was right', domain: [0, highest] },
    marks: [
      gridX({ strokeOpacity: 0.15 }),
      gridY({ strokeOpacity: 0.15 }),
      line(
        [
          [0, 0],
          [highest, highest],
        ],
        { strokeDasharray: '4,4', strokeOpacity: 0.6 },
      ),
      line(bins, { x: 'meanConfidence', y: 'accuracy', stroke: 'var(--series-1)' }),
      dot(bins, { x: 'meanConfidence', y: 'accuracy', fill: 'var(--series-1)', r: 4 }),
    ],
  }),
  'On the dashed line the model is as often right as it says.',
)}`,
    finding: undefined,
  };
}
