import { defineCommand, main, option, packageVersion } from '@retail-sim/cli';
import { Failure } from '@retail-sim/errors';

const command = defineCommand({
  name: 'retail-feature-engineering',
  summary: 'Turns the processed data into features of prices, products, customers and stores',
  options: {
    processed: option.path({ default: 'data/processed', description: 'folder of the data pipeline' }),
    features: option.path({ default: 'data/features', description: 'folder of feature engineering' }),
  },
  examples: [{ command: 'pnpm retail-feature-engineering', does: 'data/processed to data/features' }],
  run: () => {
    throw new Failure('retail-feature-engineering is not built yet', {
      remedy: 'README.md says which stages are',
    });
  },
});
await main(command, packageVersion(import.meta.url));
