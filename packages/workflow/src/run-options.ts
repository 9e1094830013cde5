import { type CommandContext, type OptionValues, option } from '@retail-sim/cli';
import type { RunSettings } from './stage-flags.js';

/** Options of every command that runs stages. */
export const runOptions = {
  raw: option.path({ default: 'raw_data', description: 'folder with transactions_*.csv and time.csv' }),
  processed: option.path({ default: 'data/processed', description: 'folder of the data pipeline' }),
  features: option.path({ default: 'data/features', description: 'folder of feature engineering' }),
  tensors: option.path({ default: 'data/tensors', description: 'folder of the tensors' }),
  checkpoints: option.path({ default: 'checkpoints', description: 'folder of the checkpoints' }),
  results: option.path({ default: 'results', description: 'folder of the evaluations' }),
  reports: option.path({ default: 'reports', description: 'folder of the report' }),
  force: option.flag({ description: 'run every stage, even where nothing has changed' }),
} as const;

export function settingsOf(
  options: OptionValues<typeof runOptions>,
  { seed, threads }: Pick<CommandContext, 'seed' | 'threads'>,
  more: Pick<RunSettings, 'config' | 'nrows' | 'split' | 'run'>,
): RunSettings {
  const { raw, processed, features, tensors, checkpoints, results, reports } = options;
  const folders = { raw, processed, features, tensors, checkpoints, results, reports };
  return { folders, seed, threads, ...more };
}
