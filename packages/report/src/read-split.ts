import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SPLIT_FILE, type Split, splitSchema } from '@retail-sim/data-pipeline/schemas';

/** The split of the data pipeline; its manifest has been checked before. */
export async function readSplit(processed: string): Promise<Split> {
  return splitSchema.parse(JSON.parse(await readFile(join(processed, SPLIT_FILE), 'utf8')));
}
