import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '@retail-sim/errors';
import { z } from 'zod';
import { publishFile } from '../publish/publish-file.js';
import { errorCode } from '../publish/storage-error.js';
import { fingerprintSchema } from './fingerprint.js';

export const MANIFEST_FILE = 'manifest.json';
const MANIFEST_VERSION = 1;

const inputSchema = fingerprintSchema.extend({
  /** Path relative to the stage folder, with forward slashes. */
  file: z.string().min(1),
});

export const outputSchema = fingerprintSchema.extend({
  /** Name and schema version of the table; left out for files that are none. */
  table: z.string().optional(),
  schemaVersion: z.number().int().optional(),
  rows: z.number().int().nonnegative().optional(),
});

/** Another stage's folder that this stage read, and what was in it. */
const upstreamSchema = z.object({
  command: z.string(),
  /** Path relative to the stage folder, with forward slashes. */
  folder: z.string(),
  /** `contentsId` of its manifest at that time. */
  contents: z.string(),
});

export const manifestSchema = z.strictObject({
  manifestVersion: z.literal(MANIFEST_VERSION).describe('Version of this file'),
  command: z.string().min(1).describe('Command that made the folder, as the user types it'),
  toolVersion: z.string().min(1).describe('Release that ran'),
  mode: z.enum(['corrected', 'reference']).describe('`corrected`, or `reference` for parity'),
  parameters: z.record(z.string(), z.json()).describe('Flags and their values'),
  seed: z.number().int().nullable().describe('Seed; null where nothing is random'),
  fitThroughWeek: z
    .number()
    .int()
    .nullable()
    .describe('Last week (YYYYWW) that anything fitted has seen; null: every week'),
  split: z
    .string()
    .nullable()
    .describe('Split as the user asked for it, `80/10/10` or `none`; null where a stage knows none'),
  inputs: z.array(inputSchema).describe('Files read: path, size, SHA-256, modification time'),
  upstream: z
    .array(upstreamSchema)
    .describe('Folders of earlier stages: command, path, identity of their contents at that time'),
  outputs: z
    .record(z.string(), outputSchema)
    .describe('Files made: table, schema version, rows, size, SHA-256, modification time'),
  rejects: z
    .strictObject({ rows: z.number().int().nonnegative(), file: z.string().nullable() })
    .nullable()
    .describe('Rows that were left out and the file that lists them; null where rows are not checked'),
  counts: z
    .record(z.string(), z.number())
    .describe('What a reader wants to see first: weeks, baskets, products'),
  seconds: z.number().nonnegative().describe('Wall time of the run'),
  finished: z.string().describe('End of the run, ISO 8601'),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type ManifestInput = z.infer<typeof inputSchema>;
export type ManifestOutput = z.infer<typeof outputSchema>;
export type ManifestUpstream = z.infer<typeof upstreamSchema>;

/** Writes `manifest.json`: the last file of a run. What it lists is complete; what it does not list is not there. */
export function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const text = `${JSON.stringify(manifestSchema.parse(manifest), null, 2)}\n`;
  return publishFile(join(folder, MANIFEST_FILE), (temporary) => writeFile(temporary, text));
}

/**
 * Reads the manifest of a stage folder.
 *
 * @param command the command that makes the folder, for the message
 * @throws InputError when there is none (the stage has not run, or was interrupted) or when it is not a manifest
 */
export async function readManifest(folder: string, command: string): Promise<Manifest> {
  const path = join(folder, MANIFEST_FILE);
  const where = { file: path };
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const missing = errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR';
    throw new InputError({
      what: missing ? `does not exist: ${command} has not run here, or was interrupted` : 'cannot be read',
      where,
      remedy: `run ${command}`,
      cause: error,
    });
  }
  const parsed = manifestSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError({
    what: `is not a manifest of this release: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
    where,
    remedy: `run ${command} again`,
    cause: parsed.error,
  });
}

/** The manifest of a stage folder, or undefined where there is none. @throws InputError when it is not a manifest */
export async function findManifest(folder: string, command: string): Promise<Manifest | undefined> {
  const exists = await stat(join(folder, MANIFEST_FILE)).then(
    () => true,
    () => false,
  );
  return exists ? readManifest(folder, command) : undefined;
}

/** Identity of what a run made: equal exactly when every output has the same name and bytes. */
export function contentsId({ outputs }: Manifest): string {
  const hash = createHash('sha256');
  for (const file of Object.keys(outputs).sort()) hash.update(`${file}\0${outputs[file]?.sha256}\n`);
  return hash.digest('hex');
}

/**
 * Identity of what a run made and of how it is to be read: files may be equal byte for byte while a parameter that stands
 * in the manifest alone says otherwise (`--t6 none` of the tensors).
 */
export function resultId(manifest: Manifest): string {
  const { mode, parameters } = manifest;
  const hash = createHash('sha256');
  hash.update(JSON.stringify([contentsId(manifest), mode, parameters]));
  return hash.digest('hex');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
