import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { storageError } from './storage-error.js';
import { forgetTemporary, trackTemporary } from './temporary-files.js';

/** Temporary names of this project: hidden, in the target's folder, told apart by process and a random part. */
export const TEMPORARY_NAME = /^\..+\.(\d+)-[0-9a-f]{8}\.tmp$/;

/**
 * Makes a file appear under its name all at once: `write` gets a temporary name in the same folder, the result is
 * flushed to disk and renamed. If `write` fails, nothing changes under the final name and the temporary file goes.
 * Use it for files that another engine writes (`COPY ... TO`, a gzip stream); tables and tensors use it themselves.
 *
 * @throws InputError when the folder cannot be made or written; Error when the disk is full
 */
export async function publishFile<T>(path: string, write: (temporary: string) => Promise<T>): Promise<T> {
  const prepared = await prepareFile(path, write);
  await prepared.publish();
  return prepared.result;
}

/** A complete file, on disk under a temporary name, waiting for its rename. */
export interface PreparedFile<T> {
  readonly path: string;
  readonly temporary: string;
  readonly result: T;
  publish(): Promise<void>;
  discard(): Promise<void>;
}

export async function prepareFile<T>(
  path: string,
  write: (temporary: string) => Promise<T>,
): Promise<PreparedFile<T>> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`);
  const discard = async () => {
    await rm(temporary, { force: true });
    forgetTemporary(temporary);
  };
  try {
    await mkdir(folder, { recursive: true });
    trackTemporary(temporary);
    const result = await write(temporary);
    await flush(temporary);
    const publish = async () => {
      await rename(temporary, path);
      forgetTemporary(temporary);
      await flushFolder(folder);
    };
    return { path, temporary, result, publish, discard };
  } catch (error) {
    await discard();
    throw storageError(error, path);
  }
}

async function flush(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  await file.sync();
}

/** The rename itself is on disk only when the folder is. Systems without folder handles skip it. */
async function flushFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  await using folder = await open(path, 'r');
  await folder.sync();
}
