import { type ColumnType, type NumberArrays, type NumberKind, numberArrayTypes } from '../schema/column.js';
import type { DictionaryData, ListData, NullableData } from '../schema/define-table.js';

/** Every typed array that a column can lie in. */
export type NumberArray = NumberArrays[NumberKind];

/** What a column without missing values can be, whatever its type. */
export type PlainData = NumberArray | readonly string[] | DictionaryData | ListData;
export type AnyData = PlainData | NullableData<PlainData>;

export function isNumberArray(data: AnyData): data is NumberArray {
  return ArrayBuffer.isView(data);
}

export function isDictionary(data: AnyData): data is DictionaryData {
  return typeof data === 'object' && 'codes' in data;
}

export function isList(data: AnyData): data is ListData {
  return typeof data === 'object' && 'offsets' in data;
}

export function isNullable(data: AnyData): data is NullableData<PlainData> {
  return typeof data === 'object' && 'valid' in data;
}

/** Text, and nothing else that a column can be. */
export function isText(data: AnyData): data is readonly string[] {
  return Array.isArray(data);
}

/** The number type in which a column's values lie in memory; `undefined` for text, dictionaries and lists. */
export function memoryKind(type: ColumnType): NumberKind | undefined {
  switch (type.kind) {
    case 'bool':
      return 'uint8';
    case 'integer':
      return 'float64';
    case 'date':
      return 'int32';
    case 'fixed-size-list':
      return type.of;
    case 'utf8':
    case 'dictionary':
    case 'list':
      return undefined;
    default:
      return type.kind;
  }
}

export function isArrayOf(kind: NumberKind, data: unknown): data is NumberArray {
  return data instanceof numberArrayTypes[kind];
}

/** Values of the column that one row takes: the size of a fixed-size list, else 1. */
export function stride(type: ColumnType): number {
  return type.kind === 'fixed-size-list' ? type.size : 1;
}

/** What a column of this type must be given as, for messages. */
export function dataName(type: ColumnType, nullable: boolean): string {
  const plain = plainName(type);
  return nullable ? `{ data: ${plain}, valid: Uint8Array }` : plain;
}

function plainName(type: ColumnType): string {
  if (type.kind === 'utf8') return 'string[]';
  if (type.kind === 'dictionary') return `{ codes: ${numberArrayTypes[type.codes].name}, values: string[] }`;
  if (type.kind === 'list') {
    return `{ offsets: Int32Array, values: ${type.of === 'utf8' ? 'string[]' : numberArrayTypes[type.of].name} }`;
  }
  const kind = memoryKind(type);
  return kind === undefined ? type.kind : numberArrayTypes[kind].name;
}
