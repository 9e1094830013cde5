import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publishFile } from '@retail-sim/artifacts';
import { z } from 'zod';

/** What the last run of a stage was asked for, and what it took. */
const stageRunSchema = z.object({
  /** Hash of flags, config section and contents of the folders read: another hash means another result. */
  asked: z.string(),
  /** Identity of what it wrote. */
  contents: z.string(),
  /** Files that it made, where its folder has no manifest. */
  files: z.array(z.string()),
  /** Names of the files in the raw folder, for stages that read it. */
  sources: z.array(z.string()),
  seconds: z.number(),
  cpuSeconds: z.number().nullable(),
  peakBytes: z.number().nullable(),
  /** What the command printed with `--json`. */
  result: z.unknown(),
});
const runRecordSchema = z.object({
  version: z.literal(2),
  stages: z.record(z.string(), stageRunSchema),
  /** Stages that were begun and not finished: what they were asked for. */
  begun: z.record(z.string(), z.string()),
});

export type StageRun = z.infer<typeof stageRunSchema>;
export type RunRecord = z.infer<typeof runRecordSchema>;

/** Lies beside the folder of processed data. */
const RECORD_FILE = 'retail-sim-run.json';

/** The record of earlier runs; an unreadable one only means that stages run again. */
export async function readRunRecord(folder: string): Promise<RunRecord> {
  try {
    return runRecordSchema.parse(JSON.parse(await readFile(join(folder, RECORD_FILE), 'utf8')));
  } catch {
    return { version: 2, stages: {}, begun: {} };
  }
}

export function writeRunRecord(folder: string, record: RunRecord): Promise<void> {
  const text = `${JSON.stringify(record, null, 2)}\n`;
  return publishFile(join(folder, RECORD_FILE), (temporary) => writeFile(temporary, text));
}
