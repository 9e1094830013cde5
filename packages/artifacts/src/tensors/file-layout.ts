import { fstatSync, readSync } from 'node:fs';
import type { Schema } from 'apache-arrow';
import { Message as EncodedMessage } from 'apache-arrow/fb/message';
import { RecordBatch as EncodedRecordBatch } from 'apache-arrow/fb/record-batch';
import { type FileBlock, Footer } from 'apache-arrow/ipc/metadata/file';
import { Message, type RecordBatch as RecordBatchHeader } from 'apache-arrow/ipc/metadata/message';
import { ByteBuffer } from 'flatbuffers';
import { MAGIC_BYTES, MESSAGE_PREFIX_BYTES } from './write-tensors.js';

const MAGIC = 'ARROW1';
/** The file ends with the footer's length and the magic. */
const TAIL_BYTES = 4 + MAGIC_BYTES;

/** Where one buffer of a record batch lies in the file. */
export interface Region {
  readonly offset: number;
  readonly length: number;
}

/** One record batch: which rows it holds and where each of its buffers lies, in Arrow's depth-first order. */
export interface RecordBatchLayout {
  readonly firstRow: number;
  readonly rows: number;
  readonly regions: readonly Region[];
  readonly nullCounts: readonly number[];
}

export interface FileLayout {
  readonly schema: Schema;
  readonly rows: number;
  readonly batches: readonly RecordBatchLayout[];
}

/** Fills `target` from `position`, whatever the system reads at once. */
export function readFully(file: number, target: Uint8Array, position: number): void {
  let filled = 0;
  while (filled < target.length) {
    const read = readSync(file, target, filled, target.length - filled, position + filled);
    if (read === 0) throw new Error('the file ends before its contents do');
    filled += read;
  }
}

function readBytes(file: number, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  readFully(file, bytes, position);
  return bytes;
}

/**
 * Reads the footer of an Arrow IPC file and the header of each record batch; no data.
 *
 * @throws Error when the file is cut off, compressed or no Arrow file
 */
export function readFileLayout(file: number): FileLayout {
  const { size } = fstatSync(file);
  if (size < 2 * MAGIC_BYTES + TAIL_BYTES) throw new Error('the file is too short');
  const tail = Buffer.from(readBytes(file, size - TAIL_BYTES, TAIL_BYTES));
  if (tail.toString('latin1', 4) !== MAGIC) throw new Error('the end of the file is missing');
  const footerBytes = tail.readInt32LE(0);
  if (footerBytes <= 0 || footerBytes > size - TAIL_BYTES)
    throw new Error('the footer has no sensible length');
  const footer = Footer.decode(readBytes(file, size - TAIL_BYTES - footerBytes, footerBytes));
  if (footer.numDictionaries > 0) throw new Error('the file has dictionaries');
  const batches: RecordBatchLayout[] = [];
  let rows = 0;
  for (const block of footer.recordBatches()) {
    const layout = readRecordBatchLayout(file, block, rows, size);
    batches.push(layout);
    rows += layout.rows;
  }
  return { schema: footer.schema, rows, batches };
}

/** A buffer's place, and a column's lengths, are two int64 each. */
const ENTRY_BYTES = 16;

/** Buffers and columns that a header claims to have, looked up before they are decoded: decoding trusts the number. */
function entriesOf(messageBytes: Uint8Array): number {
  const message = EncodedMessage.getRootAsMessage(new ByteBuffer(messageBytes));
  const header: EncodedRecordBatch | null = message.header(new EncodedRecordBatch());
  return header === null ? 0 : header.buffersLength() + header.nodesLength();
}

function readRecordBatchLayout(
  file: number,
  { offset, metaDataLength, bodyLength }: FileBlock,
  firstRow: number,
  fileBytes: number,
): RecordBatchLayout {
  const body = offset + metaDataLength;
  if (metaDataLength <= MESSAGE_PREFIX_BYTES || body + bodyLength > fileBytes) {
    throw new Error('a record batch lies outside of the file');
  }
  const messageBytes = readBytes(file, offset + MESSAGE_PREFIX_BYTES, metaDataLength - MESSAGE_PREFIX_BYTES);
  if (entriesOf(messageBytes) * ENTRY_BYTES > messageBytes.length) {
    throw new Error('a record batch names more columns than it has room for');
  }
  const message = Message.decode(messageBytes);
  if (!message.isRecordBatch()) throw new Error('a record batch has no header');
  const header: RecordBatchHeader = message.header();
  if (header.compression !== null) throw new Error('the file is compressed');
  const regions = header.buffers.map((buffer) => ({ offset: body + buffer.offset, length: buffer.length }));
  if (
    regions.some(
      ({ offset: start, length }) => start < body || length < 0 || start + length > body + bodyLength,
    )
  ) {
    throw new Error('a column lies outside of its record batch');
  }
  return {
    firstRow,
    rows: header.length,
    regions,
    nullCounts: header.nodes.map((node) => node.nullCount),
  };
}
