import { defineCommand, main, option, packageVersion } from '@retail-sim/cli';
import { Failure } from '@retail-sim/errors';

const command = defineCommand({
  name: 'retail-evaluate',
  summary: 'Judges a checkpoint against baselines',
  options: {
    tensors: option.path({ default: 'data/tensors', description: 'folder of the tensors' }),
    checkpoints: option.path({ default: 'checkpoints', description: 'folder of the checkpoints' }),
  },
  examples: [{ command: 'pnpm retail-evaluate', does: 'the best checkpoint on the test split' }],
  run: () => {
    throw new Failure('retail-evaluate is not built yet', { remedy: 'README.md says which stages are' });
  },
});
await main(command, packageVersion(import.meta.url));
