import { type FileHandle, open } from 'node:fs/promises';
import { InputError } from '@retail-sim/errors';
import { RecordBatchReader, tableFromIPC } from 'apache-arrow';
import type * as Parquet from 'parquet-wasm';
import { errorCode } from '../publish/storage-error.js';
import type { Batch, Columns, TableDefinition } from '../schema/define-table.js';
import { arrowToBatch, type DictionaryStates, TooManyValues, UnexpectedRow } from './arrow-to-batch.js';
import { checkFileSchema } from './check-file-schema.js';
import { concatBatches } from './concat-batches.js';
import { answerOf } from './engine-panic.js';
import { FileBlob } from './file-blob.js';
import { defaultRowGroupRows } from './write-table.js';

export interface ReadTableOptions<C extends Columns, K extends keyof C> {
  /** Only these columns; the others are not read from disk. */
  readonly columns?: readonly K[];
  /** Rows of a batch at most; by default the size of a row group of the table. */
  readonly batchRows?: number;
  /** Only these row groups, counted from 0. */
  readonly rowGroups?: readonly number[];
}

/**
 * Reads a table batch by batch, in file order, after checking the file against the schema. Memory holds one row
 * group, whatever the length of the table. The codes of dictionary columns mean the same in every batch.
 *
 * @throws InputError when the file is missing, cut off, of another schema or version; it names the command to run
 */
export async function* readTable<C extends Columns, K extends keyof C & string = keyof C & string>(
  path: string,
  table: TableDefinition<C>,
  options: ReadTableOptions<C, K> = {},
): AsyncGenerator<Batch<Pick<C, K>>> {
  const names: readonly string[] = options.columns ?? Object.keys(table.columns);
  await using file = await openParquet(path, table);
  const states: DictionaryStates = new Map();
  let firstRow = 0;
  try {
    const stream: ReadableStream<Parquet.RecordBatch> = await file.ask((parquet) =>
      parquet.stream({
        batchSize: options.batchRows ?? defaultRowGroupRows(table),
        columns: [...names],
        ...(options.rowGroups === undefined ? {} : { rowGroups: [...options.rowGroups] }),
      }),
    );
    const reader = stream.getReader();
    for (;;) {
      const { done, value } = await file.ask(() => reader.read());
      if (done) break;
      for (const part of tableFromIPC(value.intoIPCStream()).batches) {
        yield arrowToBatch<C>(table, names, part, states, firstRow);
        firstRow += part.numRows;
      }
    }
  } catch (error) {
    throw readError(error, path, table);
  }
}

/** A whole table in one batch, for tables that fit in memory. */
export async function readWholeTable<C extends Columns, K extends keyof C & string = keyof C & string>(
  path: string,
  table: TableDefinition<C>,
  options: ReadTableOptions<C, K> = {},
): Promise<Batch<Pick<C, K>>> {
  const batches: Batch<Pick<C, K>>[] = [];
  for await (const batch of readTable(path, table, options)) batches.push(batch);
  const names: readonly K[] = options.columns ?? (Object.keys(table.columns) as K[]);
  return concatBatches<Pick<C, K>>(table, batches, names);
}

/** Rows and row groups of a table, from the file's footer alone. The schema is checked. */
export async function describeTable(
  path: string,
  table: TableDefinition,
): Promise<{ readonly rows: number; readonly rowGroups: readonly number[] }> {
  await using file = await openParquet(path, table);
  const metadata = file.parquet.metadata();
  return {
    rows: metadata.fileMetadata().numRows(),
    rowGroups: metadata.rowGroups().map((group) => group.numRows()),
  };
}

interface OpenParquet extends AsyncDisposable {
  readonly parquet: Parquet.ParquetFile;
  /** Asks the engine for something that takes reading; fails when the reading or the engine does. */
  ask<T>(question: (parquet: Parquet.ParquetFile) => Promise<T>): Promise<T>;
}

/** Opens a file and checks it against the schema. */
async function openParquet(path: string, table: TableDefinition): Promise<OpenParquet> {
  const { ParquetFile } = await import('parquet-wasm');
  const handle = await openFile(path, table);
  let failure: { readonly error: unknown } | undefined;
  const answer = async <T>(pending: Promise<T>): Promise<T> => {
    const [result] = await Promise.allSettled([answerOf(pending)]);
    if (failure !== undefined) throw failure.error;
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  };
  try {
    const { size } = await handle.stat();
    const blob = new FileBlob(handle, 0, size, (error) => {
      failure ??= { error };
    });
    const parquet = await answer(ParquetFile.fromFile(blob));
    checkFileSchema(table, { path, ...describeParquet(parquet) });
    return {
      parquet,
      ask: (question) => answer(question(parquet)),
      [Symbol.asyncDispose]: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw readError(error, path, table);
  }
}

async function openFile(path: string, table: TableDefinition): Promise<FileHandle> {
  const refuse = (what: string, cause?: unknown) =>
    new InputError({ what, where: { file: path }, remedy: `run ${table.madeBy} first`, cause });
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    const missing = errorCode(error) === 'ENOENT';
    throw refuse(
      missing ? `does not exist (${table.name})` : `cannot be opened (${errorCode(error)})`,
      error,
    );
  }
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw refuse(`is not a file (${table.name})`);
}

function describeParquet(parquet: Parquet.ParquetFile) {
  const stated: ReadonlyMap<string, string> = parquet.metadata().fileMetadata().keyValueMetadata();
  const { schema } = RecordBatchReader.from(parquet.schema().intoIPCStream()).open();
  return { schema, metadata: new Map([...schema.metadata, ...stated]) };
}

function readError(error: unknown, path: string, table: TableDefinition): unknown {
  if (error instanceof InputError) return error;
  const remedy = `run ${table.madeBy} again`;
  if (error instanceof UnexpectedRow) {
    const where = { file: path, line: error.row + 1, column: error.column };
    return new InputError({ what: error.what, where, remedy, cause: error });
  }
  if (error instanceof TooManyValues) {
    const where = { file: path, column: error.column };
    const what = `has more than ${error.limit} values, too many for ${error.kind} codes`;
    return new InputError({ what, where, remedy, cause: error });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new InputError({
    what: `is cut off or not a Parquet file (${reason})`,
    where: { file: path },
    remedy,
    cause: error,
  });
}
