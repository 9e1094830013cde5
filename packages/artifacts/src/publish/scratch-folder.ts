import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';

/** How scratch folders begin; one that is found when a stage folder is locked belongs to a run that was killed. */
export const SCRATCH_PREFIX = '.scratch-';

/** An empty folder inside a stage folder that this process has locked: for spilling and sorting. Remove it at the end. */
export async function makeScratchFolder(stageFolder: string): Promise<string> {
  await mkdir(stageFolder, { recursive: true });
  return mkdtemp(join(stageFolder, SCRATCH_PREFIX));
}
