import { dirname } from 'node:path';
import { InputError } from '@retail-sim/errors';

const folderProblems: Readonly<Record<string, string>> = {
  EACCES: 'no permission to write here',
  EPERM: 'no permission to write here',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'a file is in the way',
  ENOENT: 'the folder does not exist',
  EISDIR: 'a folder of this name is in the way',
};

const fullDisk: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file grows over the size limit',
};

/** What a failed write means to the user. Errors of other kinds pass unchanged. */
export function storageError(error: unknown, path: string): unknown {
  const code = errorCode(error);
  const problem = code === undefined ? undefined : folderProblems[code];
  if (problem !== undefined) {
    return new InputError({
      what: `cannot write: ${problem}`,
      where: { file: path },
      remedy: `name a folder that you can write, or change the permissions of ${dirname(path)}`,
      cause: error,
    });
  }
  const space = code === undefined ? undefined : fullDisk[code];
  if (space === undefined) return error;
  return new Error(
    `${path}: cannot write: ${space}. Earlier files are unchanged; make room and run the command again`,
    { cause: error },
  );
}

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
