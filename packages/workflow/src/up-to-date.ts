import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import {
  contentsId,
  findManifest,
  fingerprint,
  readManifest,
  resultId,
  TOOL_VERSION,
  verifyUpstream,
} from '@retail-sim/artifacts';
import { configOfSection } from '@retail-sim/cli';
import { InputError } from '@retail-sim/errors';
import type { RunRecord, StageRun } from './run-record.js';
import { type RunSettings, resultFlags } from './stage-flags.js';
import { STAGES, type Stage } from './stages.js';

/** Hash of everything a stage is asked for: flags, its part of the config file, and what lies in the folders that it reads. */
export async function askedOf(stage: Stage, settings: RunSettings, record: RunRecord): Promise<string> {
  const config = settings.config === undefined ? '' : configOfSection(settings.config, stage.name);
  // A stage with a manifest compares what it reads by itself.
  const upstream = stage.files === undefined ? [] : await contentsRead(stage, settings, record);
  const asked = JSON.stringify([
    stage.command,
    TOOL_VERSION,
    resultFlags(stage, settings),
    config,
    ...upstream,
  ]);
  return createHash('sha256').update(asked).digest('hex');
}

/** Identity of what lies in each folder that a stage reads: by its manifest, else by the record of who made it. */
function contentsRead(stage: Stage, { folders }: RunSettings, record: RunRecord): Promise<readonly string[]> {
  const makers: readonly Stage[] = STAGES.filter(({ writes }) => stage.reads.includes(writes));
  return Promise.all(
    makers.map(async ({ name, command, writes, files }) => {
      if (files !== undefined) return record.stages[name]?.contents ?? '';
      // What is no manifest is refused by the stage that reads it, with its own words.
      const manifest = await findManifest(folders[writes], command).catch(() => undefined);
      return manifest === undefined ? '' : resultId(manifest);
    }),
  );
}

/** Transactions and calendar in the raw folder, by name: a new week is a change that no recorded hash shows. */
export async function sourcesOf(stage: Stage, { folders }: RunSettings): Promise<readonly string[]> {
  if (!stage.reads.includes('raw')) return [];
  const names = await readdir(folders.raw).catch(() => []);
  return names.filter(isRawData).sort();
}

export const isRawData = (name: string): boolean =>
  /^(transactions.*|time)\.(csv|csv\.gz|parquet)$/.test(name);

/** Identity of what a stage has just made, and the files behind it where there is no manifest. */
export async function productOf(
  stage: Stage,
  { folders, run }: RunSettings,
  result: unknown,
): Promise<Pick<StageRun, 'contents' | 'files'>> {
  if (stage.files === undefined) {
    return { contents: contentsId(await readManifest(folders[stage.writes], stage.command)), files: [] };
  }
  const files = [...stage.files(folders, run, result)];
  return { contents: await contentsOfFiles(files), files };
}

/** Whether what lies in a stage's folder is what this run would make. */
export async function isUpToDate(
  stage: Stage,
  settings: RunSettings,
  last: StageRun | undefined,
  asked: string,
): Promise<boolean> {
  if (last === undefined || last.asked !== asked) return false;
  if (last.sources.join() !== (await sourcesOf(stage, settings)).join()) return false;
  if (stage.files !== undefined) {
    const now = await contentsOfFiles(last.files).catch(() => undefined);
    return now === last.contents;
  }
  try {
    const { manifest } = await verifyUpstream(settings.folders[stage.writes], { command: stage.command });
    return contentsId(manifest) === last.contents;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

async function contentsOfFiles(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file}\0${(await fingerprint(file)).sha256}\n`);
  return hash.digest('hex');
}
