import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { contentsId, TOOL_VERSION, verifyUpstream } from '@retail-sim/artifacts';
import { InputError } from '@retail-sim/errors';
import type { StageRun } from './run-record.js';
import { type RunSettings, resultFlags } from './stage-flags.js';
import type { Stage } from './stages.js';

/** Hash of everything a stage is asked for; its inputs are compared by its manifest. */
export async function askedOf(stage: Stage, settings: RunSettings): Promise<string> {
  const config = settings.config === undefined ? '' : await readFile(settings.config, 'utf8').catch(() => '');
  const asked = JSON.stringify([stage.command, TOOL_VERSION, resultFlags(stage, settings), config]);
  return createHash('sha256').update(asked).digest('hex');
}

/** Transactions and calendar in the raw folder, by name: a new week is a change that no recorded hash shows. */
export async function sourcesOf(stage: Stage, { folders }: RunSettings): Promise<readonly string[]> {
  if (!stage.reads.includes('raw')) return [];
  const names = await readdir(folders.raw).catch(() => []);
  return names.filter(isRawData).sort();
}

export const isRawData = (name: string): boolean =>
  /^(transactions.*|time)\.(csv|csv\.gz|parquet)$/.test(name);

/** Whether what lies in a stage's folder is what this run would make. */
export async function isUpToDate(
  stage: Stage,
  settings: RunSettings,
  last: StageRun | undefined,
): Promise<boolean> {
  if (last === undefined || last.asked !== (await askedOf(stage, settings))) return false;
  if (last.sources.join() !== (await sourcesOf(stage, settings)).join()) return false;
  try {
    const { manifest } = await verifyUpstream(settings.folders[stage.writes], { command: stage.command });
    return contentsId(manifest) === last.contents;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}
