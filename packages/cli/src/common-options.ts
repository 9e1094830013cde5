import { availableParallelism } from 'node:os';
import { option } from './option.js';

/** The options that every command has. */
export const commonOptions = {
  config: option.path({
    of: 'file',
    description: 'read options from this YAML or JSON file; flags win over it',
    otherwise: 'configs/default.yaml, if it is there',
  }),
  json: option.flag({ description: 'print the result as JSON on stdout' }),
  quiet: option.flag({ description: 'print errors only' }),
  verbose: option.flag({ description: 'print every step, and the stack of an error' }),
  threads: option.integer({
    min: 1,
    max: 1024,
    default: availableParallelism(),
    otherwise: 'all cores',
    description: 'how many threads may work at once; results do not depend on it',
  }),
  seed: option.integer({
    min: 0,
    max: 2 ** 32 - 1,
    default: 42,
    description: 'seed of everything random; same seed, same bytes',
  }),
} as const;
