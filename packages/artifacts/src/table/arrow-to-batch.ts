import { type Data, DataType, type RecordBatch } from 'apache-arrow';
import {
  type CodeKind,
  type Column,
  type ColumnType,
  type FixedSizeListType,
  type NumberKind,
  numberArrayTypes,
} from '../schema/column.js';
import type { Batch, Columns, TableDefinition } from '../schema/define-table.js';
import { type AnyData, isArrayOf, memoryKind, type NumberArray, type PlainData } from './column-data.js';
import { createTextIndex, type TextIndex } from './text-index.js';

/** A row that the schema does not allow, found while reading; the reader adds file and remedy. */
export class UnexpectedRow extends Error {
  constructor(
    readonly what: string,
    /** Row of the record batch, counted from 0. */
    readonly row: number,
    /** Set on the way out. */
    readonly column = '',
  ) {
    super(`${column}: row ${row}: ${what}`);
  }
}

/** More distinct texts than the codes of a dictionary column can name. */
export class TooManyValues extends Error {
  constructor(
    readonly kind: CodeKind,
    readonly limit: number,
    readonly column = '',
  ) {
    super(`${column}: has more than ${limit} values, too many for ${kind} codes`);
  }
}

const MISSING = 'a value is missing where none may be';

/**
 * The dictionaries of one file while it is read, by column. Parquet keeps a dictionary per row group; codes must mean
 * the same in every batch, so texts get their code at first sight.
 */
export type DictionaryStates = Map<string, TextIndex>;

function stateOf(states: DictionaryStates, name: string): TextIndex {
  const known = states.get(name);
  if (known !== undefined) return known;
  const index = createTextIndex();
  states.set(name, index);
  return index;
}

/** An Arrow record batch, whose schema has been checked, as typed arrays: views where the layouts agree. */
export function arrowToBatch<C extends Columns>(
  table: TableDefinition<C>,
  names: readonly string[],
  record: RecordBatch,
  states: DictionaryStates,
  firstRow: number,
): Batch<C> {
  const columns: Record<string, AnyData> = {};
  for (const name of names) {
    const column = table.columns[name];
    const position = record.schema.fields.findIndex((field) => field.name === name);
    const data = record.data.children[position];
    if (column === undefined || data === undefined)
      throw new TypeError(`${table.name} has no column ${name}`);
    try {
      columns[name] = columnFromArrow(name, column, data, states);
    } catch (error) {
      if (error instanceof UnexpectedRow) throw new UnexpectedRow(error.what, firstRow + error.row, name);
      if (error instanceof TooManyValues) throw new TooManyValues(error.kind, error.limit, name);
      throw error;
    }
  }
  return { rows: record.numRows, columns: columns as Batch<C>['columns'] };
}

function columnFromArrow(
  name: string,
  { type, nullable }: Column,
  data: Data,
  states: DictionaryStates,
): AnyData {
  const plain = plainFromArrow(type, data, () => stateOf(states, name));
  if (nullable) return { data: plain, valid: unpackValidity(data) };
  if (data.nullCount > 0) throw new UnexpectedRow(MISSING, unpackValidity(data).indexOf(0));
  return plain;
}

function plainFromArrow(type: ColumnType, data: Data, dictionary: () => TextIndex): PlainData {
  switch (type.kind) {
    case 'utf8':
      return decodeText(data);
    case 'dictionary':
      return decodeDictionary(type.codes, data, dictionary());
    case 'list':
      return listFromArrow(type.of, data);
    case 'fixed-size-list':
      return DataType.isList(data.type) ? vectorsFromLists(type, data) : vectorsFromArrow(type, data);
    case 'bool':
      return unpackBits(data.values, data.offset, data.length);
    case 'integer':
      return fromBigIntegers(data);
    default: {
      const values = numbers(data, 0, data.length);
      const kind = memoryKind(type);
      if (kind === undefined || !isArrayOf(kind, values)) throw new TypeError(`not ${type.kind}`);
      return values;
    }
  }
}

function childOf(data: Data): Data {
  const [child] = data.children;
  if (child === undefined) throw new TypeError('a list without values');
  return child;
}

function listFromArrow(of: NumberKind | 'utf8', data: Data): PlainData {
  const child = childOf(data);
  const offsets = Int32Array.from(data.valueOffsets.subarray(0, data.length + 1));
  const first = offsets[0] ?? 0;
  const last = offsets[data.length] ?? 0;
  refuseNullInside(data, child);
  if (first !== 0)
    for (let row = 0; row < offsets.length; row += 1) offsets[row] = (offsets[row] ?? 0) - first;
  return {
    offsets,
    values: of === 'utf8' ? decodeText(child).slice(first, last) : numbers(child, first, last),
  };
}

/** A missing number inside of a list: another engine may write one, no schema allows it. */
function refuseNullInside(data: Data, child: Data): void {
  if (child.nullCount === 0) return;
  const position = unpackValidity(child).indexOf(0);
  const offsets: ArrayLike<number> = data.valueOffsets;
  let row = 0;
  while (row < data.length - 1 && (offsets[row + 1] ?? 0) <= position) row += 1;
  throw new UnexpectedRow('a value inside of a list is missing', row);
}

function vectorsFromArrow({ size }: FixedSizeListType, data: Data): NumberArray {
  const child = childOf(data);
  if (child.nullCount > 0 && data.nullCount === 0) {
    throw new UnexpectedRow(
      'a value inside of a list is missing',
      Math.floor(unpackValidity(child).indexOf(0) / size),
    );
  }
  return numbers(child, data.offset * size, (data.offset + data.length) * size);
}

/** Vectors that another engine wrote as lists: every row must have `size` numbers, but for missing rows. */
function vectorsFromLists({ of, size }: FixedSizeListType, data: Data): NumberArray {
  const child = childOf(data);
  const offsets: ArrayLike<number> = data.valueOffsets;
  refuseNullInside(data, child);
  let complete = 0;
  for (let row = 0; row < data.length; row += 1) {
    const length = (offsets[row + 1] ?? 0) - (offsets[row] ?? 0);
    if (length === size) complete += 1;
    else if (data.getValid(row)) throw new UnexpectedRow(`has ${length} values, not ${size}`, row);
  }
  const first = offsets[0] ?? 0;
  if (complete === data.length) return numbers(child, first, first + data.length * size);
  const vectors = new numberArrayTypes[of](data.length * size);
  for (let row = 0; row < data.length; row += 1) {
    if (data.getValid(row)) vectors.set(numbers(child, offsets[row] ?? 0, offsets[row + 1] ?? 0), row * size);
  }
  return vectors;
}

function numbers(data: Data, from: number, to: number): NumberArray {
  const values: unknown = data.values;
  for (const kind of Object.values(numberArrayTypes)) {
    if (values instanceof kind) return values.subarray(from, to);
  }
  throw new TypeError(`no typed array for ${data.type}`);
}

function unpackValidity(data: Data): Uint8Array {
  if (data.nullCount === 0) return new Uint8Array(data.length).fill(1);
  return unpackBits(data.nullBitmap, data.offset, data.length);
}

function unpackBits(bits: Uint8Array, offset: number, length: number): Uint8Array {
  const flags = new Uint8Array(length);
  for (let row = 0; row < length; row += 1) {
    const bit = row + offset;
    flags[row] = ((bits[bit >> 3] ?? 0) >> (bit & 7)) & 1;
  }
  return flags;
}

/** int64 as doubles by its two halves: no BigInt per value. */
function fromBigIntegers(data: Data): Float64Array {
  const values: unknown = data.values;
  if (!(values instanceof BigInt64Array)) throw new TypeError('not int64');
  const low = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  const high = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const result = new Float64Array(data.length);
  for (let row = 0; row < data.length; row += 1) {
    result[row] = (low[2 * row] ?? 0) + (high[2 * row + 1] ?? 0) * 2 ** 32;
  }
  return result;
}

function decodeText(data: Data): string[] {
  const bytes = Buffer.from(data.values.buffer, data.values.byteOffset, data.values.byteLength);
  const offsets = data.valueOffsets;
  const text: string[] = new Array(data.length);
  for (let row = 0; row < data.length; row += 1) {
    text[row] = bytes.toString('utf8', Number(offsets[row] ?? 0), Number(offsets[row + 1] ?? 0));
  }
  return text;
}

function decodeDictionary(kind: CodeKind, data: Data, index: TextIndex): PlainData {
  const codes = new numberArrayTypes[kind](data.length);
  if (DataType.isDictionary(data.type)) {
    const translation = (data.dictionary?.data ?? []).flatMap((part) => Array.from(textCodes(part, index)));
    const indices: ArrayLike<number> = data.values;
    for (let row = 0; row < data.length; row += 1) codes[row] = translation[indices[row] ?? 0] ?? 0;
  } else {
    // A second engine writes plain text.
    codes.set(textCodes(data, index));
  }
  const limit = 2 ** (8 * codes.BYTES_PER_ELEMENT);
  if (index.values.length > limit) throw new TooManyValues(kind, limit);
  return { codes, values: index.values };
}

/** The code of every text; 0 where there is none. */
function textCodes(data: Data, index: TextIndex): Uint32Array {
  const codes = new Uint32Array(data.length);
  const bytes: Uint8Array = data.values;
  const offsets: ArrayLike<number> = data.valueOffsets;
  const hasNulls = data.nullCount > 0;
  for (let row = 0; row < data.length; row += 1) {
    if (hasNulls && !data.getValid(row)) continue;
    codes[row] = index.codeOf(bytes, offsets[row] ?? 0, offsets[row + 1] ?? 0);
  }
  return codes;
}
