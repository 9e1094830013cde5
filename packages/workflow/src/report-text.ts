import { formatBytes, formatDuration, formatTable } from '@retail-sim/cli';
import { z } from 'zod';
import type { StageReport } from './run-stages.js';

/** What `retail-report --json` prints. */
const pageShape = z.object({ file: z.string(), findings: z.array(z.string()) });

/** What each stage took, what was found, and where to read more. */
export function reportText(reports: readonly StageReport[]): string {
  const rows = reports.map(({ stage, ran, seconds, cpuSeconds, peakBytes }) => [
    stage,
    ran ? 'done' : 'up to date',
    formatDuration(seconds),
    cpuSeconds === null ? '-' : formatDuration(cpuSeconds),
    peakBytes === null ? '-' : formatBytes(peakBytes),
  ]);
  const table = formatTable(
    [
      { title: 'stage' },
      { title: 'this run' },
      { title: 'wall', align: 'right' },
      { title: 'CPU', align: 'right' },
      { title: 'memory', align: 'right' },
    ],
    rows,
  );
  const page = pageShape.safeParse(reports.find(({ stage }) => stage === 'report')?.result);
  if (!page.success) return table;
  const { file, findings } = page.data;
  return `${table}\n${findings.map((finding) => `- ${finding}\n`).join('')}\nThe report: ${file}\n`;
}
