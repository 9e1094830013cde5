import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '@retail-sim/errors';
import { SPLIT_FILE, type Split, splitSchema } from './split.js';

/**
 * The split that the data pipeline has decided, from its folder.
 *
 * @throws InputError when the file is not a split of this release
 */
export async function readSplit(folder: string): Promise<Split> {
  const file = join(folder, SPLIT_FILE);
  const parsed = splitSchema.safeParse(parseJson(await readFile(file, 'utf8')));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError({
    what: `is not a split of this release: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
    where: { file },
    remedy: 'run retail-data-pipeline again',
    cause: parsed.error,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
