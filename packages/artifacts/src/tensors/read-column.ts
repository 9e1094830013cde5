import {
  type Column,
  type ColumnType,
  type NumberArrays,
  type NumberKind,
  numberArrayTypes,
} from '../schema/column.js';
import type { AnyData, NumberArray, PlainData } from '../table/column-data.js';
import { memoryKind, stride } from '../table/column-data.js';
import type { ColumnLayout } from './column-layout.js';
import { type RecordBatchLayout, readFully } from './file-layout.js';

/** Rows `from` up to `to` (exclusive) of one record batch, counted inside it. */
export interface BatchRange {
  readonly batch: RecordBatchLayout;
  readonly from: number;
  readonly to: number;
}

export interface ColumnSource {
  readonly file: number;
  readonly layout: ColumnLayout;
  readonly ranges: readonly BatchRange[];
  readonly rows: number;
  /** Memory that worker threads can share without copying. */
  readonly shared: boolean;
}

/**
 * Reads the rows of one column straight into one array: exactly their bytes, from wherever they lie in the file.
 *
 * @throws Error when the file is damaged
 */
export function readColumn({ type, nullable }: Column, source: ColumnSource): AnyData {
  const data = readPlain(type, source);
  return nullable ? { data, valid: readValidity(source) } : data;
}

function readPlain(type: ColumnType, source: ColumnSource): PlainData {
  switch (type.kind) {
    case 'bool':
      return readBits(source, source.layout.values);
    case 'integer':
      return readIntegers(source);
    case 'utf8':
      return readText(source);
    case 'list':
      return type.of === 'utf8' ? readTextLists(source) : readLists(type.of, source);
    default: {
      const kind = memoryKind(type);
      if (kind === undefined) throw new TypeError(`no tensor of ${type.kind}`);
      return readValues(kind, source, source.layout.values, stride(type));
    }
  }
}

function allocate<K extends NumberKind>(kind: K, length: number, shared: boolean): NumberArrays[K] {
  const arrays: (typeof numberArrayTypes)[K] = numberArrayTypes[kind];
  if (!shared) return new arrays(length);
  return new arrays(new SharedArrayBuffer(length * arrays.BYTES_PER_ELEMENT));
}

function bytesOf(values: NumberArray): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Where `bytes` bytes from `start` of a buffer lie in the file. */
function place(batch: RecordBatchLayout, buffer: number, start: number, bytes: number): number {
  const region = batch.regions[buffer];
  if (region === undefined || start + bytes > region.length)
    throw new Error('a column is shorter than its rows');
  return region.offset + start;
}

/**
 * Fixed-width values of all ranges, one after the other. Room is made only when all of them are found inside of the
 * file: a damaged header does not ask for memory.
 */
function readValues<K extends NumberKind>(
  kind: K,
  { file, ranges, rows, shared }: ColumnSource,
  buffer: number,
  valuesPerRow: number,
): NumberArrays[K] {
  const rowBytes = valuesPerRow * numberArrayTypes[kind].BYTES_PER_ELEMENT;
  const places = ranges.map(({ batch, from, to }) => {
    const length = (to - from) * rowBytes;
    return { position: place(batch, buffer, from * rowBytes, length), length };
  });
  const values = allocate(kind, rows * valuesPerRow, shared);
  const bytes = bytesOf(values);
  let at = 0;
  for (const { position, length } of places) {
    readFully(file, bytes.subarray(at, at + length), position);
    at += length;
  }
  return values;
}

function readBits({ file, ranges, rows, shared }: ColumnSource, buffer: number): Uint8Array {
  const places = ranges.map(({ batch, from, to }) => {
    const firstByte = from >> 3;
    const length = ((to + 7) >> 3) - firstByte;
    return { position: place(batch, buffer, firstByte, length), length, firstByte, from, to };
  });
  const flags = allocate('uint8', rows, shared);
  let row = 0;
  for (const { position, length, firstByte, from, to } of places) {
    const bits = new Uint8Array(length);
    readFully(file, bits, position);
    for (let bit = from; bit < to; bit += 1) {
      flags[row] = ((bits[(bit >> 3) - firstByte] ?? 0) >> (bit & 7)) & 1;
      row += 1;
    }
  }
  return flags;
}

function readValidity(source: ColumnSource): Uint8Array {
  // The data of the column are read by now: the number of rows is right.
  const valid = allocate('uint8', source.rows, source.shared).fill(1);
  let row = 0;
  for (const range of source.ranges) {
    const rows = range.to - range.from;
    // A record batch without nulls has no bitmap.
    if ((range.batch.nullCounts[source.layout.node] ?? 0) > 0) {
      valid.set(readBits({ ...source, ranges: [range], rows }, source.layout.validity), row);
    }
    row += rows;
  }
  return valid;
}

/** int64 as doubles by its two halves: no BigInt per value. */
function readIntegers(source: ColumnSource): Float64Array {
  const halves = readValues('int32', { ...source, shared: false }, source.layout.values, 2);
  const values = allocate('float64', source.rows, source.shared);
  for (let row = 0; row < source.rows; row += 1) {
    values[row] = ((halves[2 * row] ?? 0) >>> 0) + (halves[2 * row + 1] ?? 0) * 2 ** 32;
  }
  return values;
}

const OFFSET_BYTES = 4;

interface Lists {
  readonly offsets: Int32Array;
  /** Which values of each record batch the rows hold, in the order of the ranges. */
  readonly ranges: readonly BatchRange[];
}

/** Offsets of all ranges as one rising row starting at 0, and where their values lie. */
function readOffsets({ file, ranges, rows, shared }: ColumnSource, buffer: number): Lists {
  const places = ranges.map(({ batch, from, to }) => {
    const length = to - from + 1;
    return { batch, position: place(batch, buffer, from * OFFSET_BYTES, length * OFFSET_BYTES), length };
  });
  const offsets = allocate('int32', rows + 1, shared);
  const valueRanges: BatchRange[] = [];
  let row = 0;
  let end = 0;
  for (const { batch, position, length } of places) {
    const part = new Int32Array(length);
    readFully(file, bytesOf(part), position);
    const first = part[0] ?? 0;
    for (let i = 1; i < part.length; i += 1) {
      if ((part[i] ?? 0) < (part[i - 1] ?? 0)) throw new Error('the lists of a column overlap');
      offsets[row + i] = end + (part[i] ?? 0) - first;
    }
    row += length - 1;
    end = offsets[row] ?? 0;
    valueRanges.push({ batch, from: first, to: part[part.length - 1] ?? 0 });
  }
  return { offsets, ranges: valueRanges };
}

function readLists(kind: NumberKind, source: ColumnSource): PlainData {
  const { offsets, ranges } = readOffsets(source, source.layout.offsets);
  const rows = offsets[source.rows] ?? 0;
  return { offsets, values: readValues(kind, { ...source, ranges, rows }, source.layout.values, 1) };
}

function readText(source: ColumnSource, offsetBuffer = source.layout.offsets): string[] {
  const { offsets, ranges } = readOffsets({ ...source, shared: false }, offsetBuffer);
  const textBytes = { ...source, ranges, rows: offsets[source.rows] ?? 0, shared: false };
  const bytes = Buffer.from(readValues('uint8', textBytes, source.layout.values, 1).buffer);
  return Array.from({ length: source.rows }, (_, row) =>
    bytes.toString('utf8', offsets[row] ?? 0, offsets[row + 1] ?? 0),
  );
}

function readTextLists(source: ColumnSource): PlainData {
  const { offsets, ranges } = readOffsets(source, source.layout.offsets);
  const rows = offsets[source.rows] ?? 0;
  return { offsets, values: readText({ ...source, ranges, rows }, source.layout.innerOffsets) };
}
