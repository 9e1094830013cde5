import { defineCommand, main, option, packageVersion } from '@retail-sim/cli';
import { Failure } from '@retail-sim/errors';

const command = defineCommand({
  name: 'retail-data-pipeline',
  summary: 'Turns raw transactions into prices, product graph, store affinity and missions',
  options: {
    raw: option.path({ default: 'raw_data', description: 'folder with transactions_*.csv and time.csv' }),
    processed: option.path({ default: 'data/processed', description: 'folder of the data pipeline' }),
  },
  examples: [{ command: 'pnpm retail-data-pipeline', does: 'raw_data to data/processed' }],
  run: () => {
    throw new Failure('retail-data-pipeline is not built yet', { remedy: 'README.md says which stages are' });
  },
});
await main(command, packageVersion(import.meta.url));
