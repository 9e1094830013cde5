import {
  type Bool,
  BufferType,
  Data,
  type DataType,
  type DateDay,
  type Dictionary,
  type FixedSizeList,
  type Int64,
  type List,
  makeData,
  RecordBatch,
  type Schema,
  Struct,
  type Utf8,
  Vector,
} from 'apache-arrow';
import type { Column } from '../schema/column.js';
import type { Batch, Columns, TableDefinition } from '../schema/define-table.js';
import { arrowNumber, arrowType } from './arrow-schema.js';
import {
  type AnyData,
  isDictionary,
  isList,
  isNullable,
  isNumberArray,
  isText,
  type NumberArray,
  type PlainData,
} from './column-data.js';

interface Validity {
  readonly nullCount: number;
  readonly nullBitmap: Uint8Array | null;
}

const ALL_VALID: Validity = { nullCount: 0, nullBitmap: null };

/** A checked batch as an Arrow record batch: numbers are views, booleans, text and int64 are encoded. */
export function batchToArrow<C extends Columns>(
  table: TableDefinition<C>,
  schema: Schema,
  batch: Batch<C>,
): RecordBatch {
  const given: Readonly<Record<string, AnyData>> = batch.columns;
  const children = Object.entries(table.columns).map(([name, column], position) => {
    const data = given[name];
    if (data === undefined) throw new TypeError(`${table.name}.${name}: the batch lacks this column`);
    return columnToArrow(column, position, data, batch.rows);
  });
  const struct = makeData({
    type: new Struct(schema.fields),
    length: batch.rows,
    nullCount: 0,
    children,
  });
  return new RecordBatch(schema, struct);
}

function columnToArrow(column: Column, position: number, data: AnyData, rows: number): Data {
  if (isNullable(data)) return plainToArrow(column, position, data.data, rows, packBits(data.valid, true));
  return plainToArrow(column, position, data, rows, ALL_VALID);
}

function plainToArrow(
  { type }: Column,
  position: number,
  data: PlainData,
  rows: number,
  validity: Validity,
): Data {
  const arrow = arrowType(type, position);
  const common = { length: rows, ...validity };
  if (type.kind === 'dictionary' && isDictionary(data)) {
    const dictionary = new Vector([encodeText(data.values)]);
    return makeData({ type: arrow as Dictionary, ...common, data: data.codes, dictionary });
  }
  if (type.kind === 'list' && isList(data)) {
    const child = isText(data.values)
      ? encodeText(data.values)
      : numbersToArrow(arrowNumber(type.of === 'utf8' ? 'uint8' : type.of), data.values);
    return makeData({ type: arrow as List, ...common, valueOffsets: data.offsets, child });
  }
  if (isText(data)) return encodeText(data, validity);
  if (!isNumberArray(data)) throw new TypeError(`no Arrow form for ${type.kind}`);
  if (type.kind === 'fixed-size-list') {
    const child = numbersToArrow(arrowNumber(type.of), data);
    return makeData({ type: arrow as FixedSizeList, ...common, child });
  }
  if (type.kind === 'bool') {
    const { nullBitmap } = packBits(data, false);
    return makeData({ type: arrow as Bool, ...common, data: nullBitmap ?? new Uint8Array(0) });
  }
  if (type.kind === 'integer') {
    return makeData({ type: arrow as Int64, ...common, data: toBigIntegers(data) });
  }
  if (type.kind === 'date') return makeData({ type: arrow as DateDay, ...common, data });
  return numbersToArrow(arrow, data, rows, validity);
}

function numbersToArrow(
  type: DataType,
  data: NumberArray,
  rows = data.length,
  { nullCount, nullBitmap }: Validity = ALL_VALID,
): Data {
  const validity = nullBitmap === null ? {} : { [BufferType.VALIDITY]: nullBitmap };
  return new Data(type, 0, rows, nullCount, { [BufferType.DATA]: data, ...validity });
}

/** One byte a row to one bit a row, lowest bit first. Without a zero among them no bitmap is needed for validity. */
function packBits(flags: NumberArray, forValidity: boolean): Validity {
  const bits = new Uint8Array(((flags.length + 63) >> 6) << 3);
  let zeros = 0;
  for (let row = 0; row < flags.length; row += 1) {
    if (flags[row] === 0) zeros += 1;
    else bits[row >> 3] = (bits[row >> 3] ?? 0) | (1 << (row & 7));
  }
  return forValidity && zeros === 0 ? ALL_VALID : { nullCount: zeros, nullBitmap: bits };
}

/** Whole numbers to int64 by their two halves: no BigInt per value. */
function toBigIntegers(values: NumberArray): BigInt64Array {
  const result = new BigInt64Array(values.length);
  const halves = new Int32Array(result.buffer);
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row] ?? 0;
    if (!Number.isSafeInteger(value)) throw new TypeError(`row ${row}: ${value} is not a whole number`);
    halves[2 * row] = value | 0;
    halves[2 * row + 1] = Math.floor(value / 2 ** 32);
  }
  return result;
}

/** Text as Arrow's offsets and UTF-8 bytes. */
export function encodeText(values: readonly string[], validity: Validity = ALL_VALID): Data<Utf8> {
  const bytes = Buffer.from(values.join(''), 'utf8');
  const valueOffsets = new Int32Array(values.length + 1);
  let end = 0;
  values.forEach((value, row) => {
    end += value.length;
    valueOffsets[row + 1] = end;
  });
  // Text that is not ASCII has more bytes than characters: measure each value.
  if (end !== bytes.length) {
    end = 0;
    values.forEach((value, row) => {
      end += Buffer.byteLength(value, 'utf8');
      valueOffsets[row + 1] = end;
    });
  }
  return makeData({
    type: arrowType({ kind: 'utf8' }) as Utf8,
    length: values.length,
    ...validity,
    valueOffsets,
    data: bytes,
  });
}
