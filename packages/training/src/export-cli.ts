import { join } from 'node:path';
import { defineCommand, formatNumber, main, option, packageVersion } from '@retail-sim/cli';
import { findCheckpoint, newestRun } from './checkpoint/checkpoint-folder.js';
import { checkpointOptions } from './checkpoint/checkpoint-options.js';
import { exportModel } from './export/export-model.js';

const command = defineCommand({
  name: 'retail-export',
  summary: 'Writes the weights of a checkpoint as a state dict for PyTorch',
  options: {
    ...checkpointOptions,
    output: option.path({ description: 'folder to write', otherwise: 'exports/RUN' }),
  },
  examples: [
    {
      command: 'pnpm retail-export --run tiny',
      does: 'exports/tiny: model.safetensors, config.json and a recipe in Python',
    },
  ],
  run: async (_context, options) => {
    const run = options.run ?? newestRun(options.checkpoints);
    const checkpoint = findCheckpoint(join(options.checkpoints, run), options.checkpoint);
    const exported = await exportModel(checkpoint, options.output ?? join('exports', run));
    return {
      data: exported,
      text: `${exported.folder}: ${exported.files.join(', ')} with ${exported.tensors} tensors, ${formatNumber(exported.elements)} numbers\n`,
    };
  },
});

await main(command, packageVersion(import.meta.url));
