import { defineCommand, formatNumber, formatTable, option } from '@retail-sim/cli';
import { InputError } from '@retail-sim/errors';
import { type Comparison, compareFolders } from './compare-folders.js';

export const compareCommand = defineCommand({
  name: 'compare',
  section: 'compare',
  summary: 'Compares synthetic with real transactions, facet by facet',
  options: {
    real: option.path({ description: 'folder with real transactions; needed' }),
    synthetic: option.path({ description: 'folder with synthetic transactions', default: 'raw_data' }),
    rounds: option.integer({
      min: 1,
      max: 1000,
      default: 5,
      description: 'random splits of the customers that the figures are averaged over',
    }),
  },
  examples: [
    {
      command: 'pnpm retail-sample-data compare --real ../shared/data/lgsr --synthetic raw_data',
      does: 'how real the sample is, beside how alike two halves of the real customers are',
    },
  ],
  run: async ({ seed, threads, signal, progress }, { real, synthetic, rounds }) => {
    if (real === undefined) {
      throw new InputError({
        what: 'no real transactions to compare with',
        remedy: 'name their folder with --real DIR',
      });
    }
    const task = progress.task('comparing', 2 + rounds, 'steps');
    const comparison = await compareFolders({ real, synthetic, rounds, seed, threads, signal, task });
    task.done();
    return { data: comparison, text: comparisonText(comparison) };
  },
});

function comparisonText({ customers, rounds, facets }: Comparison): string {
  const table = formatTable(
    [
      { title: 'facet' },
      { title: 'real median', align: 'right' },
      { title: 'synthetic median', align: 'right' },
      { title: 'KSComplement', align: 'right' },
      { title: 'real-vs-real', align: 'right' },
      { title: 'Jensen-Shannon', align: 'right' },
      { title: 'real-vs-real', align: 'right' },
    ],
    facets.map(({ facet, realMedian, syntheticMedian, synthetic, noiseFloor }) => [
      facet,
      formatNumber(realMedian, 2),
      formatNumber(syntheticMedian, 2),
      formatNumber(synthetic.ksComplement, 3),
      formatNumber(noiseFloor.ksComplement, 3),
      formatNumber(synthetic.jensenShannon, 3),
      formatNumber(noiseFloor.jensenShannon, 3),
    ]),
  );
  return `${table}\n${formatNumber(customers)} customers a sample, mean of ${rounds} random splits. KSComplement: 1 is alike. Jensen-Shannon distance: 0 is alike.\n`;
}
