import { defineCommand, option } from '@retail-sim/cli';

export const compareCommand = defineCommand({
  name: 'compare',
  section: 'sample-data',
  summary: 'Compares synthetic with real transactions, facet by facet',
  options: {
    real: option.path({ description: 'folder with real transactions' }),
    synthetic: option.path({ description: 'folder with synthetic transactions' }),
  },
  examples: [],
});
