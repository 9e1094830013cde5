import { type FileHandle, open } from 'node:fs/promises';
import { InputError } from '@retail-sim/errors';
import { RecordBatchReader, tableFromIPC } from 'apache-arrow';
import type * as Parquet from 'parquet-wasm';
import { errorCode } from '../publish/storage-error.js';
import type { Batch, Columns, TableDefinition } from '../schema/define-table.js';
import { arrowToBatch, type DictionaryStates, UnexpectedNull } from './arrow-to-batch.js';
import { checkFileSchema } from './check-file-schema.js';
import { concatBatches } from './concat-batches.js';
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
  await using file = await openArtifact(path, table);
  const states: DictionaryStates = new Map();
  let firstRow = 0;
  try {
    const parquet = await openParquet(file.handle);
    checkFileSchema(table, { path, ...describeParquet(parquet) });
    const stream = await parquet.stream({
      batchSize: options.batchRows ?? defaultRowGroupRows(table),
      columns: [...names],
      ...(options.rowGroups === undefined ? {} : { rowGroups: [...options.rowGroups] }),
    });
    for await (const record of stream as ReadableStream<Parquet.RecordBatch>) {
      for (const part of tableFromIPC(record.intoIPCStream()).batches) {
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
  await using file = await openArtifact(path, table);
  try {
    const parquet = await openParquet(file.handle);
    checkFileSchema(table, { path, ...describeParquet(parquet) });
    const metadata = parquet.metadata();
    return {
      rows: metadata.fileMetadata().numRows(),
      rowGroups: metadata.rowGroups().map((group) => group.numRows()),
    };
  } catch (error) {
    throw readError(error, path, table);
  }
}

async function openArtifact(path: string, table: TableDefinition) {
  try {
    const handle = await open(path, 'r');
    return { handle, [Symbol.asyncDispose]: () => handle.close() };
  } catch (error) {
    throw new InputError({
      what:
        errorCode(error) === 'ENOENT'
          ? `does not exist (${table.name})`
          : `cannot be opened (${errorCode(error)})`,
      where: { file: path },
      remedy: `run ${table.madeBy} first`,
      cause: error,
    });
  }
}

async function openParquet(file: FileHandle): Promise<Parquet.ParquetFile> {
  const parquet = await import('parquet-wasm');
  const { size } = await file.stat();
  return parquet.ParquetFile.fromFile(new FileBlob(file, 0, size));
}

function describeParquet(parquet: Parquet.ParquetFile) {
  const metadata: ReadonlyMap<string, string> = parquet.metadata().fileMetadata().keyValueMetadata();
  const { schema } = RecordBatchReader.from(parquet.schema().intoIPCStream()).open();
  return { schema, metadata };
}

function readError(error: unknown, path: string, table: TableDefinition): unknown {
  if (error instanceof InputError) return error;
  const remedy = `run ${table.madeBy} again`;
  if (error instanceof UnexpectedNull) {
    const where = { file: path, line: error.row, column: error.column };
    return new InputError({ what: 'a value is missing where none may be', where, remedy, cause: error });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new InputError({
    what: `is cut off or not a Parquet file (${reason})`,
    where: { file: path },
    remedy,
    cause: error,
  });
}
