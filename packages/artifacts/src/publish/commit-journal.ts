// What a stage is about to publish, written down before the first file gets its name. A process that dies in between
// leaves files without a manifest; the next run knows by the journal that they are its own command's.

import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type ManifestOutput, outputSchema } from '../manifest/manifest.js';
import { publishFile } from './publish-file.js';

const JOURNAL_FILE = '.publishing.json';

/** Outputs by name; a name stands twice where the old file or the new one may be there. */
export type JournalEntries = readonly (readonly [name: string, output: ManifestOutput])[];

const journalSchema = z.object({
  command: z.string(),
  outputs: z.array(z.tuple([z.string(), outputSchema])),
});

/** What a commit of this command that was cut short was about; nothing where the last one ended well. */
export async function readJournal(folder: string, command: string): Promise<JournalEntries> {
  try {
    const journal = journalSchema.parse(JSON.parse(await readFile(join(folder, JOURNAL_FILE), 'utf8')));
    return journal.command === command ? journal.outputs : [];
  } catch {
    return [];
  }
}

/** Whether a run of the command was killed here while it published: what lies there is its own, but not complete. */
export async function wasCutShort(folder: string, command: string): Promise<boolean> {
  return (await readJournal(folder, command)).length > 0;
}

export function writeJournal(folder: string, command: string, outputs: JournalEntries): Promise<void> {
  const text = `${JSON.stringify({ command, outputs })}\n`;
  return publishFile(join(folder, JOURNAL_FILE), (temporary) => writeFile(temporary, text));
}

export function removeJournal(folder: string): Promise<void> {
  return rm(join(folder, JOURNAL_FILE), { force: true });
}
