import { type FileHandle, open } from 'node:fs/promises';
import { MetadataVersion, type RecordBatch, RecordBatchStreamWriter, type Schema } from 'apache-arrow';
import { FileBlock, Footer } from 'apache-arrow/ipc/metadata/file';
import { publishFile } from '../publish/publish-file.js';
import { bytesPerRow } from '../schema/column.js';
import type { Batch, Columns, TableDefinition } from '../schema/define-table.js';
import { arrowSchema } from '../table/arrow-schema.js';
import { batchToArrow } from '../table/batch-to-arrow.js';
import { rebatch } from './rebatch.js';

/** Bytes of a record batch: what one read of a whole batch costs, and what the writer holds. */
const RECORD_BATCH_BYTES = 4 * 2 ** 20;
const MAX_RECORD_BATCH_ROWS = 2 ** 16;

/** `ARROW1`, padded to the eight bytes on which every message starts. */
const MAGIC = Buffer.from('ARROW1\0\0', 'latin1');
export const MAGIC_BYTES = 6;
/** A message starts with a marker and the length of its metadata, four bytes each. */
export const MESSAGE_PREFIX_BYTES = 8;
/** The stream ends with a message of no length. */
const END_OF_STREAM_BYTES = 8;

export interface WriteTensorsOptions {
  /** Rows of a record batch; by default about 4 MiB of data, at most 65,536 rows. */
  readonly batchRows?: number;
}

export interface WrittenTensors {
  readonly rows: number;
  readonly bytes: number;
}

export function defaultBatchRows(table: TableDefinition): number {
  const bytes = Object.values(table.columns).reduce((sum, { type }) => sum + bytesPerRow(type), 0);
  return Math.max(256, Math.min(MAX_RECORD_BATCH_ROWS, Math.floor(RECORD_BATCH_BYTES / Math.max(1, bytes))));
}

/**
 * Writes tensors as an uncompressed Arrow IPC file and publishes it under `path` when it is complete. Batches may have
 * any number of rows; the file has record batches of `batchRows`. Memory holds one of them. Dictionary columns do not
 * belong here: write codes, and their names in a table.
 *
 * @throws TypeError when a batch does not fit the table; InputError or Error when the disk refuses
 */
export function writeTensors<C extends Columns>(
  path: string,
  table: TableDefinition<C>,
  batches: Iterable<Batch<C>> | AsyncIterable<Batch<C>>,
  { batchRows = defaultBatchRows(table) }: WriteTensorsOptions = {},
): Promise<WrittenTensors> {
  return publishFile(path, (temporary) => writeArrow(temporary, table, batches, batchRows));
}

/** Writes an Arrow IPC file under the name given, without publishing it. */
export async function writeArrow<C extends Columns>(
  path: string,
  table: TableDefinition<C>,
  batches: Iterable<Batch<C>> | AsyncIterable<Batch<C>>,
  batchRows: number,
): Promise<WrittenTensors> {
  for (const [name, { type }] of Object.entries(table.columns)) {
    if (type.kind === 'dictionary')
      throw new TypeError(`${table.name}.${name}: tensors hold codes, not text`);
  }
  const schema = arrowSchema(table);
  const blocks: FileBlock[] = [];
  let rows = 0;
  await using file = await open(path, 'w');
  const start = streamBytes(schema).subarray(0, -END_OF_STREAM_BYTES);
  let bytes = await append(file, MAGIC, start);
  for await (const batch of rebatch(table, batches, batchRows)) {
    const stream = streamBytes(schema, batchToArrow(table, schema, batch));
    const message = stream.subarray(start.length, -END_OF_STREAM_BYTES);
    const metadataBytes =
      MESSAGE_PREFIX_BYTES + Buffer.from(message.buffer, message.byteOffset).readInt32LE(4);
    blocks.push(new FileBlock(metadataBytes, message.length - metadataBytes, bytes));
    bytes += await append(file, message);
    rows += batch.rows;
  }
  const footer = Footer.encode(new Footer(schema, MetadataVersion.V5, blocks, []));
  const footerLength = Buffer.alloc(4);
  footerLength.writeInt32LE(footer.length);
  const endOfStream = streamBytes(schema).subarray(-END_OF_STREAM_BYTES);
  bytes += await append(file, endOfStream, footer, footerLength, MAGIC.subarray(0, MAGIC_BYTES));
  return { rows, bytes };
}

/** The schema and one record batch (or none) in Arrow's stream format: the messages that a file holds too. */
function streamBytes(schema: Schema, record?: RecordBatch): Uint8Array {
  const writer = new RecordBatchStreamWriter();
  writer.reset(undefined, schema);
  if (record !== undefined) writer.write(record);
  writer.finish();
  return writer.toUint8Array(true);
}

async function append(file: FileHandle, ...parts: readonly Uint8Array[]): Promise<number> {
  let bytes = 0;
  for (const part of parts) {
    await file.writeFile(part);
    bytes += part.length;
  }
  return bytes;
}
