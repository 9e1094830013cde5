import { defineCommand, main, option, packageVersion } from '@retail-sim/cli';
import { Failure } from '@retail-sim/errors';

const command = defineCommand({
  name: 'retail-build-tensors',
  summary: 'Turns the features into the tensors that training reads',
  options: {
    processed: option.path({ default: 'data/processed', description: 'folder of the data pipeline' }),
    features: option.path({ default: 'data/features', description: 'folder of feature engineering' }),
    tensors: option.path({ default: 'data/tensors', description: 'folder of the tensors' }),
  },
  examples: [{ command: 'pnpm retail-build-tensors', does: 'data/features to data/tensors' }],
  run: () => {
    throw new Failure('retail-build-tensors is not built yet', { remedy: 'README.md says which stages are' });
  },
});
await main(command, packageVersion(import.meta.url));
