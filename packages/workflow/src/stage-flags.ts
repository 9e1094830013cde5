import { join } from 'node:path';
import type { Folders, Stage } from './stages.js';

/** What a run is asked for; the rest stands in the config file, which every stage reads itself. */
export interface RunSettings {
  readonly folders: Folders;
  /** Name of the training run and of the report. */
  readonly run: string;
  readonly config: string | undefined;
  readonly nrows: number | undefined;
  readonly split: string | undefined;
  readonly seed: number;
  readonly threads: number;
}

/** The flags of a stage that its result depends on. */
export function resultFlags(stage: Stage, settings: RunSettings): readonly string[] {
  const { folders, nrows, split, seed, run } = settings;
  const out = folders[stage.writes];
  return [
    ...stage.reads.flatMap((folder) => [`--${folder}`, folders[folder]]),
    `--${stage.outFlag ?? stage.writes}`,
    stage.outFile === undefined ? out : join(out, stage.outFile(run)),
    ...(stage.choosesRows && nrows !== undefined ? ['--nrows', String(nrows)] : []),
    ...(stage.choosesRows && split !== undefined ? ['--split', split] : []),
    ...(stage.namesRun ? ['--run', run] : []),
    '--seed',
    String(seed),
  ];
}

/** All flags that a stage's process is started with. */
export function stageFlags(stage: Stage, settings: RunSettings, resume: boolean): readonly string[] {
  return [
    ...resultFlags(stage, settings),
    ...(resume ? ['--resume', 'latest'] : []),
    '--threads',
    String(settings.threads),
    ...(settings.config === undefined ? [] : ['--config', settings.config]),
    '--json',
  ];
}
