import { formatBytes, formatDuration, formatTable } from '@retail-sim/cli';
import type { StageReport } from './run-stages.js';

/** What each stage took, as a table. */
export function reportText(reports: readonly StageReport[]): string {
  const rows = reports.map(({ stage, ran, seconds, cpuSeconds, peakBytes }) => [
    stage,
    ran ? 'done' : 'up to date',
    formatDuration(seconds),
    cpuSeconds === null ? '-' : formatDuration(cpuSeconds),
    peakBytes === null ? '-' : formatBytes(peakBytes),
  ]);
  return formatTable(
    [
      { title: 'stage' },
      { title: 'this run' },
      { title: 'wall', align: 'right' },
      { title: 'CPU', align: 'right' },
      { title: 'memory', align: 'right' },
    ],
    rows,
  );
}
