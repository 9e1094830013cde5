import { formatBytes, formatDuration, formatNumber, formatTable, type Terminal } from '@retail-sim/cli';
import type { DataPipelineResult } from './run-data-pipeline.js';

/** What a run did, as the table that the command prints. */
export function reportText({ folder, split, steps }: DataPipelineResult, _terminal: Terminal): string {
  const table = formatTable(
    [
      { title: 'step' },
      { title: 'what' },
      { title: 'rows', align: 'right' },
      { title: 'wall', align: 'right' },
      { title: 'CPU s', align: 'right' },
      { title: 'peak', align: 'right' },
      { title: 'found' },
    ],
    steps.map(({ step, status, rows, seconds, cpuSeconds, peakBytes, counts }) => [
      step,
      status,
      formatNumber(rows),
      formatDuration(seconds),
      formatNumber(cpuSeconds, 1),
      formatBytes(peakBytes),
      found(counts),
    ]),
  );
  const weeks = `${split.train.length} train, ${split.validation.length} validation, ${split.test.length} test weeks`;
  return `${table}\n${folder}: split ${split.rule} (${weeks}), fitted through ${split.fitThroughShopWeek}\n`;
}

/** The counts that say most, without those that are 0. */
function found(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([name, value]) => value !== 0 && name !== 'rows' && name !== 'lines')
    .slice(0, 6)
    .map(([name, value]) => `${name} ${formatNumber(value, Number.isInteger(value) ? 0 : 3)}`)
    .join(', ');
}
