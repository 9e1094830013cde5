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
import { type RecordBatchLayout, type Region, readFully } from './file-layout.js';

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

/** Reads the rows of one column straight into one array: exactly their bytes, from wherever they lie in the file. */
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
      const values = allocate(kind, source.rows * stride(type), source.shared);
      readRanges(source, source.layout.values, values, stride(type));
      return values;
    }
  }
}

function allocate<K extends NumberKind>(kind: K, length: number, shared: boolean): NumberArrays[K] {
  const arrays: (typeof numberArrayTypes)[K] = numberArrayTypes[kind];
  if (!shared) return new arrays(length);
  return new arrays(new SharedArrayBuffer(length * arrays.BYTES_PER_ELEMENT));
}

function bytesOf(values: NumberArray | BigInt64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function region(batch: RecordBatchLayout, buffer: number): Region {
  const found = batch.regions[buffer];
  if (found === undefined) throw new Error('a record batch lacks a buffer');
  return found;
}

/** Fixed-width values of all ranges, one after the other. */
function readRanges(
  { file, ranges }: ColumnSource,
  buffer: number,
  target: NumberArray | BigInt64Array,
  valuesPerRow: number,
): void {
  const bytes = bytesOf(target);
  const rowBytes = valuesPerRow * target.BYTES_PER_ELEMENT;
  let at = 0;
  for (const { batch, from, to } of ranges) {
    const end = at + (to - from) * rowBytes;
    readFully(file, bytes.subarray(at, end), region(batch, buffer).offset + from * rowBytes);
    at = end;
  }
}

function readBits({ file, ranges, rows, shared }: ColumnSource, buffer: number): Uint8Array {
  const flags = allocate('uint8', rows, shared);
  let row = 0;
  for (const { batch, from, to } of ranges) {
    const firstByte = from >> 3;
    const bits = new Uint8Array(((to + 7) >> 3) - firstByte);
    readFully(file, bits, region(batch, buffer).offset + firstByte);
    for (let bit = from; bit < to; bit += 1) {
      flags[row] = ((bits[(bit >> 3) - firstByte] ?? 0) >> (bit & 7)) & 1;
      row += 1;
    }
  }
  return flags;
}

function readValidity(source: ColumnSource): Uint8Array {
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
  const halves = new Int32Array(2 * source.rows);
  readRanges(source, source.layout.values, halves, 2);
  const values = allocate('float64', source.rows, source.shared);
  for (let row = 0; row < source.rows; row += 1) {
    values[row] = ((halves[2 * row] ?? 0) >>> 0) + (halves[2 * row + 1] ?? 0) * 2 ** 32;
  }
  return values;
}

interface Lists {
  readonly offsets: Int32Array;
  /** Which values of each record batch the rows hold, in the order of the ranges. */
  readonly ranges: readonly BatchRange[];
}

/** Offsets of all ranges as one rising row starting at 0, and where their values lie. */
function readOffsets({ file, ranges, rows, shared }: ColumnSource, buffer: number): Lists {
  const offsets = allocate('int32', rows + 1, shared);
  const valueRanges: BatchRange[] = [];
  let row = 0;
  let end = 0;
  for (const { batch, from, to } of ranges) {
    const part = new Int32Array(to - from + 1);
    readFully(file, bytesOf(part), region(batch, buffer).offset + from * part.BYTES_PER_ELEMENT);
    const first = part[0] ?? 0;
    for (let i = 1; i < part.length; i += 1) offsets[row + i] = end + (part[i] ?? 0) - first;
    row += to - from;
    end = offsets[row] ?? 0;
    valueRanges.push({ batch, from: first, to: part[part.length - 1] ?? 0 });
  }
  return { offsets, ranges: valueRanges };
}

function readLists(kind: NumberKind, source: ColumnSource): PlainData {
  const { offsets, ranges } = readOffsets(source, source.layout.offsets);
  const rows = offsets[source.rows] ?? 0;
  const values = allocate(kind, rows, source.shared);
  readRanges({ ...source, ranges, rows }, source.layout.values, values, 1);
  return { offsets, values };
}

function readText(source: ColumnSource, offsetBuffer = source.layout.offsets): string[] {
  const { offsets, ranges } = readOffsets({ ...source, shared: false }, offsetBuffer);
  const bytes = Buffer.alloc(offsets[source.rows] ?? 0);
  readRanges({ ...source, ranges }, source.layout.values, bytes, 1);
  return Array.from({ length: source.rows }, (_, row) =>
    bytes.toString('utf8', offsets[row] ?? 0, offsets[row + 1] ?? 0),
  );
}

function readTextLists(source: ColumnSource): PlainData {
  const { offsets, ranges } = readOffsets(source, source.layout.offsets);
  const rows = offsets[source.rows] ?? 0;
  return { offsets, values: readText({ ...source, ranges, rows }, source.layout.innerOffsets) };
}
