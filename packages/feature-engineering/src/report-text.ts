import { formatBytes, formatDuration, formatNumber, formatTable } from '@retail-sim/cli';
import type { FeatureEngineeringResult } from './run-feature-engineering.js';

/** What a run did, as the table that the command prints. */
export function reportText({ folder, layers, split, fitThroughWeek }: FeatureEngineeringResult): string {
  const right = (title: string) => ({ title, align: 'right' as const });
  const table = formatTable(
    [
      { title: 'layer' },
      { title: 'what' },
      right('rows'),
      right('wall'),
      right('CPU s'),
      right('peak'),
      { title: 'found' },
    ],
    layers.map(({ layer, name, status, rows, seconds, cpuSeconds, peakBytes, counts }) => [
      `${layer} ${name}`,
      status,
      formatNumber(rows),
      formatDuration(seconds),
      formatNumber(cpuSeconds, 1),
      formatBytes(peakBytes),
      found(counts),
    ]),
  );
  return [table, stability(layers), `${folder}: split ${split}, fitted through ${fitThroughWeek}`, '']
    .filter((line) => line !== undefined)
    .join('\n');
}

/** How much the pseudo-brands depend on which stores were looked at. */
function stability(layers: FeatureEngineeringResult['layers']): string | undefined {
  const { stabilityMeanAri, stabilityLowestAri } = layers.find(({ layer }) => layer === 1)?.counts ?? {};
  if (stabilityMeanAri === undefined || stabilityLowestAri === undefined) return undefined;
  return `pseudo-brands from a seeded 80 % of the stores, three times: adjusted Rand index ${stabilityMeanAri.toFixed(4)} on average, ${stabilityLowestAri.toFixed(4)} at the lowest`;
}

/** The counts that say most, without those that are 0. */
function found(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([name, value]) => value !== 0 && !name.startsWith('stability'))
    .slice(0, 6)
    .map(([name, value]) => `${name} ${formatNumber(value, Number.isInteger(value) ? 0 : 3)}`)
    .join(', ');
}
