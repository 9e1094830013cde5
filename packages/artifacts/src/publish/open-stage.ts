import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { fingerprint, sameContents } from '../manifest/fingerprint.js';
import {
  MANIFEST_FILE,
  type Manifest,
  type ManifestOutput,
  readManifest,
  writeManifest,
} from '../manifest/manifest.js';
import { TOOL_VERSION } from '../manifest/tool-version.js';
import type { Batch, Columns, TableDefinition } from '../schema/define-table.js';
import {
  defaultRowGroupRows,
  type WriteTableOptions,
  type WrittenTable,
  writeParquet,
} from '../table/write-table.js';
import { defaultBatchRows, type WriteTensorsOptions, writeArrow } from '../tensors/write-tensors.js';
import { type JournalEntries, readJournal, removeJournal, writeJournal } from './commit-journal.js';
import { type FolderLock, lockFolder } from './lock-folder.js';
import { type PreparedFile, prepareFile } from './publish-file.js';
import { storageError } from './storage-error.js';

/** What a stage tells its manifest; the rest (outputs, tool version, seconds) the stage folder knows. */
export type StageRecord = Pick<
  Manifest,
  'mode' | 'parameters' | 'seed' | 'fitThroughWeek' | 'split' | 'inputs' | 'upstream' | 'rejects' | 'counts'
>;

type StageTableOptions = WriteTableOptions & WriteTensorsOptions;
type Batches<C extends Columns> = Iterable<Batch<C>> | AsyncIterable<Batch<C>>;

/**
 * A stage's folder while the stage runs. Files are made complete under temporary names; `commit` gives them their
 * final names together and writes the manifest last. Until then the folder is as the last run left it.
 */
export interface Stage extends AsyncDisposable {
  readonly folder: string;
  /** The manifest of the last complete run here, when there is one that this release can read. */
  readonly previous: Manifest | undefined;
  /** Names of files that this command has made or may have made here: by `previous`, or by a run that was killed. */
  readonly own: ReadonlySet<string>;
  /**
   * Makes a table, as Parquet or (`file` ends in `.arrow`) as tensors; returns where it lies until `commit`, so that
   * later steps of the same stage can read it.
   */
  table<C extends Columns>(
    table: TableDefinition<C>,
    batches: Batches<C>,
    options?: StageTableOptions,
  ): Promise<WrittenTable & { readonly path: string }>;
  /**
   * Makes any other file, or a table that another engine writes: give `table` then, and `rows`, or let `write` return
   * them.
   */
  file(
    name: string,
    write: (temporary: string) => Promise<unknown>,
    about?: { readonly table?: TableDefinition; readonly rows?: number },
  ): Promise<{ readonly path: string }>;
  /** Takes over an output of the last run as it is. False when there is none, or it is not what the manifest says. */
  keep(name: string): Promise<boolean>;
  /**
   * Publishes everything made and kept so far. A run that ends in between leaves no manifest, and readers say so.
   * May be called after each step of a long stage; each manifest lists all outputs up to there.
   */
  commit(record: StageRecord): Promise<Manifest>;
}

/**
 * Takes the folder of a stage for writing.
 *
 * @param command the command as the user types it: `retail-data-pipeline`
 * @throws InputError when another run has the folder, or when it cannot be written
 */
export async function openStage(folder: string, command: string): Promise<Stage> {
  const started = performance.now();
  const lock = await lockFolder(folder, command);
  const previous = await previousManifest(folder, command);
  const earlier = [...Object.entries(previous?.outputs ?? {}), ...(await readJournal(folder, command))];
  return stageIn({ folder, command, started, lock, previous, earlier });
}

interface StageState {
  readonly folder: string;
  readonly command: string;
  readonly started: number;
  readonly lock: FolderLock;
  readonly previous: Manifest | undefined;
  /** Files that earlier runs made, or were about to make when they were killed. */
  readonly earlier: JournalEntries;
}

function stageIn({ folder, command, started, lock, previous, earlier }: StageState): Stage {
  const prepared = new Map<string, { file: PreparedFile<unknown>; output: ManifestOutput }>();
  const published = new Map<string, ManifestOutput>();
  let committing: Promise<Manifest> | undefined;

  async function prepare<T>(
    name: string,
    write: (temporary: string) => Promise<T>,
    about: (result: T) => Pick<ManifestOutput, 'table' | 'schemaVersion' | 'rows'>,
  ): Promise<PreparedFile<T>> {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    const file = await prepareFile(path, write);
    await prepared.get(name)?.file.discard();
    prepared.set(name, { file, output: { ...(await fingerprint(file.temporary)), ...about(file.result) } });
    return file;
  }

  return {
    folder,
    previous,
    own: new Set(earlier.map(([name]) => name)),
    async table(table, batches, options = {}) {
      const file = await prepare(
        table.file,
        (temporary) => writeByName(temporary, table, batches, options),
        ({ rows }) => ({ ...tableOutput(table), rows }),
      );
      return { ...file.result, path: file.temporary };
    },
    async file(name, write, { table, rows } = {}) {
      const file = await prepare(name, write, (result) => ({
        ...(table === undefined ? {} : tableOutput(table)),
        ...(rows !== undefined
          ? { rows }
          : table !== undefined && typeof result === 'number'
            ? { rows: result }
            : {}),
      }));
      return { path: file.temporary };
    },
    async keep(name) {
      const output = previous?.outputs[name];
      if (output === undefined || !(await isUnchanged(join(folder, name), output))) return false;
      published.set(name, output);
      return true;
    },
    commit(record) {
      committing = commit(record);
      return committing;
    },
    async [Symbol.asyncDispose]() {
      // `return stage.commit(...)` leaves the scope of `await using` before the commit is through.
      await committing?.catch(() => undefined);
      for (const { file } of prepared.values()) await file.discard();
      await lock.release();
    },
  };

  async function commit(record: StageRecord): Promise<Manifest> {
    try {
      const coming = [...prepared].map(([name, { output }]) => [name, output] as const);
      await writeJournal(folder, command, [...earlier, ...published, ...coming]);
      await rm(join(folder, MANIFEST_FILE), { force: true });
      for (const [name, { file, output }] of prepared) {
        await file.publish();
        published.set(name, output);
      }
    } catch (error) {
      throw storageError(error, folder);
    }
    prepared.clear();
    await removeOutdated(folder, earlier, published);
    const manifest: Manifest = {
      manifestVersion: 1,
      command,
      toolVersion: TOOL_VERSION,
      ...record,
      outputs: Object.fromEntries([...published].sort(([a], [b]) => (a < b ? -1 : 1))),
      seconds: (performance.now() - started) / 1000,
      finished: new Date().toISOString(),
    };
    await writeManifest(folder, manifest);
    await removeJournal(folder);
    return manifest;
  }
}

/** The file name of a table says its format. */
function writeByName<C extends Columns>(
  path: string,
  table: TableDefinition<C>,
  batches: Batches<C>,
  { rowGroupRows, batchRows }: StageTableOptions,
): Promise<WrittenTable> {
  if (!table.file.endsWith('.arrow')) {
    return writeParquet(path, table, batches, rowGroupRows ?? defaultRowGroupRows(table));
  }
  return writeArrow(path, table, batches, batchRows ?? defaultBatchRows(table));
}

function tableOutput({ name, version }: TableDefinition) {
  return { table: name, schemaVersion: version };
}

async function previousManifest(folder: string, command: string): Promise<Manifest | undefined> {
  try {
    const manifest = await readManifest(folder, command);
    return manifest.command === command ? manifest : undefined;
  } catch {
    return undefined;
  }
}

async function isUnchanged(path: string, output: ManifestOutput): Promise<boolean> {
  try {
    return sameContents(await fingerprint(path, output), output);
  } catch {
    return false;
  }
}

/** An output of an earlier run that this run did not make would be read as if it belonged to it. */
async function removeOutdated(
  folder: string,
  earlier: JournalEntries,
  published: ReadonlyMap<string, ManifestOutput>,
): Promise<void> {
  for (const [name, output] of earlier) {
    const path = join(folder, name);
    if (published.has(name) || relative(folder, path).startsWith(`..${sep}`)) continue;
    const isOurs = await stat(path).then(
      ({ size, mtimeMs }) => size === output.bytes && mtimeMs === output.modified,
      () => false,
    );
    if (isOurs) await rm(path);
  }
}
