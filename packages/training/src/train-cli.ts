import { defineCommand, main, option, packageVersion } from '@retail-sim/cli';
import { Failure } from '@retail-sim/errors';

const command = defineCommand({
  name: 'retail-train',
  summary: 'Trains the world model',
  options: {
    tensors: option.path({ default: 'data/tensors', description: 'folder of the tensors' }),
    checkpoints: option.path({ default: 'checkpoints', description: 'folder of the checkpoints' }),
  },
  examples: [{ command: 'pnpm retail-train', does: 'data/tensors to checkpoints' }],
  run: () => {
    throw new Failure('retail-train is not built yet', { remedy: 'README.md says which stages are' });
  },
});
await main(command, packageVersion(import.meta.url));
