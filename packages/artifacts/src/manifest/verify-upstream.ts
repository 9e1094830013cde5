import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '@retail-sim/errors';
import type { TableDefinition } from '../schema/define-table.js';
import { fingerprint, sameContents } from './fingerprint.js';
import { manifestPath } from './inputs.js';
import {
  contentsId,
  findManifest,
  MANIFEST_FILE,
  type Manifest,
  type ManifestOutput,
  type ManifestUpstream,
  readManifest,
} from './manifest.js';

export interface UpstreamRequirements {
  /** The command that makes the folder, as the user types it. */
  readonly command: string;
  /** Tables that this stage is going to read, at the schema version that it was built with. */
  readonly tables?: readonly TableDefinition[];
  /** Other files that it is going to read. */
  readonly files?: readonly string[];
  /** What the user asked of this stage; left out where the upstream's own choice is taken over. */
  readonly mode?: Manifest['mode'];
  readonly split?: string;
  readonly fitThroughWeek?: number;
}

export interface Upstream {
  readonly folder: string;
  readonly manifest: Manifest;
  /** Absolute or relative path of an output, as `folder` was given. */
  path(output: TableDefinition | string): string;
  /** The entry for this stage's own manifest. */
  link(stageFolder: string): ManifestUpstream;
}

/**
 * Checks that a stage's outputs are there, complete, of this release's schemas, made from what is on disk now, and
 * fitted as the user asks. Cheap: a file is only hashed when its modification time is not the recorded one.
 *
 * @throws InputError that says what is wrong and which command makes it right
 */
export async function verifyUpstream(folder: string, requirements: UpstreamRequirements): Promise<Upstream> {
  const { command, tables = [], files = [] } = requirements;
  const manifest = await readManifest(folder, command);
  const refuse = (what: string, file = MANIFEST_FILE, remedy = `run ${command} again`): never => {
    throw new InputError({ what, where: { file: join(folder, file) }, remedy });
  };
  if (manifest.command !== command) refuse(`was made by ${manifest.command}, not by ${command}`);
  for (const [file, output] of Object.entries(manifest.outputs)) {
    const problem = await outputProblem(join(folder, file), output);
    if (problem !== undefined) refuse(problem, file);
  }
  for (const table of tables) {
    const output = manifest.outputs[table.file];
    if (output === undefined) refuse(`lists no ${table.file}, which is needed`);
    else if (output.table !== table.name || output.schemaVersion !== table.version) {
      refuse(
        `holds ${output.table} version ${output.schemaVersion}; this release reads ${table.name} version ${table.version}`,
        table.file,
      );
    }
  }
  for (const file of files) {
    if (manifest.outputs[file] === undefined) refuse(`lists no ${file}, which is needed`);
  }
  refuseOtherChoices(manifest, requirements, refuse);
  await refuseStale(folder, manifest, refuse);
  return {
    folder,
    manifest,
    path: (output) => join(folder, typeof output === 'string' ? output : output.file),
    link: (stageFolder) => ({
      command,
      folder: manifestPath(stageFolder, folder),
      contents: contentsId(manifest),
    }),
  };
}

type Refuse = (what: string, file?: string, remedy?: string) => never;

async function outputProblem(path: string, output: ManifestOutput): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    if (size !== output.bytes)
      return `has ${size} bytes, the manifest says ${output.bytes}: another run has written it`;
    if (sameContents(await fingerprint(path, output), output)) return undefined;
    return 'is not the file that the manifest lists: another run has written it';
  } catch {
    return 'is listed in the manifest but missing';
  }
}

/** The upstream stage was run with other settings than this stage is asked for. */
function refuseOtherChoices(manifest: Manifest, wanted: UpstreamRequirements, refuse: Refuse): void {
  const { command } = manifest;
  const found = (flag: string, value: unknown) => `was made with ${flag} ${value ?? 'none'}`;
  if (wanted.mode !== undefined && wanted.mode !== manifest.mode) {
    refuse(
      `${found('mode', manifest.mode)}, this command runs in mode ${wanted.mode}`,
      MANIFEST_FILE,
      `run ${command} in mode ${wanted.mode} again`,
    );
  }
  if (wanted.split !== undefined && wanted.split !== manifest.split) {
    refuse(
      `${found('--split', manifest.split)}, this command was given ${wanted.split}`,
      MANIFEST_FILE,
      `run ${command} --split ${wanted.split} again, or leave --split out here`,
    );
  }
  if (wanted.fitThroughWeek !== undefined && wanted.fitThroughWeek !== manifest.fitThroughWeek) {
    refuse(
      `${found('--fit-through-week', manifest.fitThroughWeek)}, this command was given ${wanted.fitThroughWeek}`,
      MANIFEST_FILE,
      `run ${command} --fit-through-week ${wanted.fitThroughWeek} again, or leave the flag out here`,
    );
  }
}

/** What the stage was made from has changed since. Sources that are gone (moved away after ingest) are not asked. */
async function refuseStale(folder: string, manifest: Manifest, refuse: Refuse): Promise<void> {
  for (const input of manifest.inputs) {
    const path = join(folder, input.file);
    const now = await fingerprint(path, input).catch(() => undefined);
    if (now !== undefined && !sameContents(now, input)) refuse(`is out of date: ${path} has changed since`);
  }
  for (const source of manifest.upstream) {
    const path = join(folder, source.folder);
    const now = await findManifest(path, source.command);
    if (now === undefined) continue;
    if (contentsId(now) !== source.contents) {
      refuse(`is out of date: ${path} has been made again since`);
    }
    await refuseStale(path, now, (what) =>
      refuse(
        `is out of date: ${join(path, MANIFEST_FILE)} ${what}`,
        MANIFEST_FILE,
        `run ${source.command}, then ${manifest.command} again`,
      ),
    );
  }
}
