import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { InputError } from '@retail-sim/errors';
import { z } from 'zod';
import { TEMPORARY_NAME } from './publish-file.js';
import { SCRATCH_PREFIX } from './scratch-folder.js';
import { errorCode, storageError } from './storage-error.js';
import { forgetTemporary, trackTemporary } from './temporary-files.js';

const LOCK_FILE = '.lock';

const ownerSchema = z.object({
  command: z.string(),
  process: z.number().int(),
  host: z.string(),
  since: z.string(),
});
type Owner = z.infer<typeof ownerSchema>;

export interface FolderLock extends AsyncDisposable {
  /** Gives the folder back; disposing of the lock does the same. */
  release(): Promise<void>;
}

/**
 * Takes a stage folder for this process, making it when it is missing. A second run in the same folder stops with a
 * message that names the first. The lock of a process that is gone is taken over, and the temporary files that it
 * left are removed.
 *
 * @throws InputError when another run has the folder, or when it cannot be written
 */
export async function lockFolder(folder: string, command: string): Promise<FolderLock> {
  const path = join(folder, LOCK_FILE);
  const owner: Owner = { command, process: process.pid, host: hostname(), since: new Date().toISOString() };
  try {
    await mkdir(folder, { recursive: true });
    await claim(folder, path, owner);
  } catch (error) {
    throw storageError(error, folder);
  }
  trackTemporary(path);
  await removeLeftovers(folder);
  const release = async () => {
    await rm(path, { force: true });
    forgetTemporary(path);
  };
  return { release, [Symbol.asyncDispose]: release };
}

/** `link` fails when the name is taken, and the lock appears with its contents: no reader sees it empty. */
async function claim(folder: string, path: string, owner: Owner): Promise<void> {
  const draft = join(folder, `.lock.${process.pid}-${Date.now().toString(16).slice(-8)}.tmp`);
  try {
    await writeFile(draft, `${JSON.stringify(owner)}\n`);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      try {
        await link(draft, path);
        return;
      } catch (error) {
        if (errorCode(error) !== 'EEXIST') throw error;
        await removeStaleLock(folder, path);
      }
    }
    throw busy(folder, await readOwner(path));
  } finally {
    await rm(draft, { force: true });
  }
}

async function removeStaleLock(folder: string, path: string): Promise<void> {
  const owner = await readOwner(path);
  if (owner !== undefined && (owner.host !== hostname() || isAlive(owner.process))) throw busy(folder, owner);
  // Renaming decides between two runs that find the same stale lock: one of them gets it.
  const stale = join(folder, `.lock.${process.pid}-${Date.now().toString(16).slice(-8)}.stale`);
  try {
    await rename(path, stale);
    await rm(stale, { force: true });
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    return ownerSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

function busy(folder: string, owner: Owner | undefined): InputError {
  const who =
    owner === undefined
      ? 'another run'
      : `${owner.command} (process ${owner.process} on ${owner.host}, since ${owner.since})`;
  return new InputError({
    what: `${who} is writing here`,
    where: { file: folder },
    remedy: `wait for it to end, or name another folder; if that run is gone, delete ${join(folder, LOCK_FILE)}`,
  });
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** Temporary files and scratch folders of processes that were killed while they wrote; the lock says that none is at work. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(SCRATCH_PREFIX)) await rm(join(folder, name), { recursive: true, force: true });
  }
  for (const name of await readdir(folder, { recursive: true })) {
    const pid = Number(TEMPORARY_NAME.exec(basename(name))?.[1]);
    if (pid !== process.pid && Number.isInteger(pid) && !isAlive(pid))
      await rm(join(folder, name), { force: true });
  }
}
