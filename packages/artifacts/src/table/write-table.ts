import { open } from 'node:fs/promises';
import { type RecordBatch, RecordBatchStreamWriter, type Schema } from 'apache-arrow';
import type * as Parquet from 'parquet-wasm';
import { publishFile } from '../publish/publish-file.js';
import { bytesPerRow } from '../schema/column.js';
import type { Batch, Columns, TableDefinition } from '../schema/define-table.js';
import { arrowSchema, TABLE_KEY } from './arrow-schema.js';
import { batchToArrow } from './batch-to-arrow.js';
import { checkBatch } from './check-batch.js';
import { emptyBatch } from './rows.js';
import { sliceBatch } from './slice-batch.js';

/** Uncompressed bytes of a row group: the writer holds a few of them, so this bounds its memory. */
const ROW_GROUP_BYTES = 16 * 2 ** 20;
const MAX_ROW_GROUP_ROWS = 2 ** 17;
const ZSTD = 5 satisfies Parquet.Compression.ZSTD;

export interface WriteTableOptions {
  /** Rows of a row group; by default about 16 MiB of data, at most 131,072 rows. */
  readonly rowGroupRows?: number;
}

export interface WrittenTable {
  readonly rows: number;
  readonly bytes: number;
}

/** Rows that one row group of the table holds by default. */
export function defaultRowGroupRows(table: TableDefinition): number {
  const bytes = Object.values(table.columns).reduce((sum, { type }) => sum + bytesPerRow(type), 0);
  return Math.max(1024, Math.min(MAX_ROW_GROUP_ROWS, Math.floor(ROW_GROUP_BYTES / Math.max(1, bytes))));
}

/**
 * Writes a table as Parquet (zstd), one row group at a time, and publishes it under `path` when it is complete.
 * Batches may have any number of rows; memory holds a few row groups, whatever the length of the table.
 *
 * @throws TypeError when a batch does not fit the table; InputError or Error when the disk refuses
 */
export function writeTable<C extends Columns>(
  path: string,
  table: TableDefinition<C>,
  batches: Iterable<Batch<C>> | AsyncIterable<Batch<C>>,
  { rowGroupRows = defaultRowGroupRows(table) }: WriteTableOptions = {},
): Promise<WrittenTable> {
  return publishFile(path, (temporary) => writeParquet(temporary, table, batches, rowGroupRows));
}

/** Writes a Parquet file under the name given, without publishing it. */
export async function writeParquet<C extends Columns>(
  path: string,
  table: TableDefinition<C>,
  batches: Iterable<Batch<C>> | AsyncIterable<Batch<C>>,
  rowGroupRows: number,
): Promise<WrittenTable> {
  const parquet = await import('parquet-wasm');
  const schema = arrowSchema(table);
  let rows = 0;
  async function* records() {
    for await (const batch of batches) {
      checkBatch(table, batch);
      rows += batch.rows;
      for (let from = 0; from < batch.rows; from += rowGroupRows) {
        const part = sliceBatch(table, batch, from, Math.min(from + rowGroupRows, batch.rows));
        yield* toEngine(parquet, schema, batchToArrow(table, schema, part));
      }
    }
    if (rows === 0) yield* toEngine(parquet, schema, batchToArrow(table, schema, emptyBatch(table)));
  }
  const properties = new parquet.WriterPropertiesBuilder()
    .setCompression(ZSTD)
    .setMaxRowGroupSize(rowGroupRows)
    // One entry only: the engine writes several in an order that changes from call to call. The Arrow schema, which the
    // file holds too, carries them all.
    .setKeyValueMetadata(new Map([[TABLE_KEY, table.name]]))
    .setCreatedBy('retail-sim')
    .build();
  const source = remembering(records());
  let bytes = 0;
  try {
    const stream = await parquet.transformParquetStream(ReadableStream.from(source.batches), properties);
    await using file = await open(path, 'w');
    for await (const chunk of stream) {
      bytes += chunk.length;
      await file.writeFile(chunk);
    }
  } catch (error) {
    throw source.failure()?.error ?? error;
  } finally {
    await source.batches.return(undefined);
  }
  const failure = source.failure();
  if (failure !== undefined) throw failure.error;
  return { rows, bytes };
}

/**
 * The engine takes a source that fails for one that has ended, and completes the file. So failures are kept aside, and
 * the writer asks for them at the end.
 */
function remembering<T>(source: AsyncGenerator<T>) {
  let failure: { readonly error: unknown } | undefined;
  async function* batches() {
    try {
      yield* source;
    } catch (error) {
      failure = { error };
    }
  }
  return { batches: batches(), failure: () => failure };
}

/** A record batch in the engine's own memory; Arrow's stream format carries it over. */
function toEngine(
  parquet: typeof Parquet,
  schema: Schema,
  record: RecordBatch,
): readonly Parquet.RecordBatch[] {
  const writer = new RecordBatchStreamWriter();
  writer.reset(undefined, schema);
  writer.write(record);
  writer.finish();
  return parquet.Table.fromIPCStream(writer.toUint8Array(true)).recordBatches();
}
