import { type Column, type ColumnType, numberArrayTypes } from '../schema/column.js';
import type { Batch, Columns, Row, TableDefinition } from '../schema/define-table.js';
import {
  type AnyData,
  isDictionary,
  isList,
  isNullable,
  isText,
  memoryKind,
  type PlainData,
  stride,
} from './column-data.js';

/** A batch from row objects: for tests and small tables (a handful of thousand rows). */
export function batchFromRows<C extends Columns>(
  table: TableDefinition<C>,
  rows: readonly Row<C>[],
): Batch<C> {
  const columns: Record<string, AnyData> = {};
  for (const [name, column] of Object.entries(table.columns)) {
    columns[name] = columnFromValues(
      column,
      rows.map((row): unknown => row[name]),
      `${table.name}.${name}`,
    );
  }
  return { rows: rows.length, columns: columns as Batch<C>['columns'] };
}

export function emptyBatch<C extends Columns>(table: TableDefinition<C>): Batch<C> {
  return batchFromRows(table, []);
}

function columnFromValues({ type, nullable }: Column, values: readonly unknown[], name: string): AnyData {
  const missing = values.findIndex((value) => value === null || value === undefined);
  if (!nullable) {
    if (missing >= 0) throw new TypeError(`${name}: row ${missing} has no value`);
    return plainFromValues(type, values);
  }
  const valid = Uint8Array.from(values, (value) => (value === null || value === undefined ? 0 : 1));
  return { data: plainFromValues(type, values), valid };
}

function plainFromValues(type: ColumnType, values: readonly unknown[]): PlainData {
  if (type.kind === 'utf8') return values.map((value) => String(value ?? ''));
  if (type.kind === 'dictionary') return dictionaryFromText(type.codes, values);
  if (type.kind === 'list') return listFromValues(type.of, values);
  const kind = memoryKind(type) ?? 'float64';
  const size = stride(type);
  const data = new numberArrayTypes[kind](values.length * size);
  values.forEach((value, row) => {
    if (size === 1 && type.kind !== 'fixed-size-list') data[row] = Number(value ?? 0);
    else data.set(numbersOf(value ?? new Array<number>(size).fill(0), size), row * size);
  });
  return data;
}

function numbersOf(value: unknown, size: number): number[] {
  const list = listOf(value).map(Number);
  if (list.length !== size) throw new TypeError(`a fixed-size list of ${list.length} where ${size} belong`);
  return list;
}

function listOf(value: unknown): unknown[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value;
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return Array.from(value as Uint8Array);
  throw new TypeError(`${value} is not a list`);
}

function dictionaryFromText(kind: 'uint8' | 'uint16' | 'uint32', values: readonly unknown[]): PlainData {
  const dictionary: string[] = [];
  const codeOf = new Map<string, number>();
  const codes = new numberArrayTypes[kind](values.length);
  values.forEach((value, row) => {
    if (value === null || value === undefined) return;
    const text = String(value);
    const known = codeOf.get(text);
    codes[row] = known ?? dictionary.length;
    if (known === undefined) {
      codeOf.set(text, dictionary.length);
      dictionary.push(text);
    }
  });
  return { codes, values: dictionary };
}

function listFromValues(of: keyof typeof numberArrayTypes | 'utf8', rows: readonly unknown[]): PlainData {
  const lists = rows.map(listOf);
  const offsets = new Int32Array(rows.length + 1);
  lists.forEach((list, row) => {
    offsets[row + 1] = (offsets[row] ?? 0) + list.length;
  });
  const flat = lists.flat();
  if (of === 'utf8') return { offsets, values: flat.map(String) };
  const values = new numberArrayTypes[of](flat.length);
  values.set(flat.map(Number));
  return { offsets, values };
}

/** The rows of a batch as objects: for tests, small tables and output; hot paths use the columns. */
export function* rowsOf<C extends Columns>(table: TableDefinition<C>, batch: Batch<C>): Generator<Row<C>> {
  const columns = Object.entries<AnyData>(batch.columns);
  for (let row = 0; row < batch.rows; row += 1) {
    const values: Record<string, unknown> = {};
    for (const [name, data] of columns) {
      const column = table.columns[name];
      if (column !== undefined) values[name] = valueAt(column, data, row);
    }
    yield values as Row<C>;
  }
}

function valueAt({ type }: Column, data: AnyData, row: number): unknown {
  if (!isNullable(data)) return plainValueAt(type, data, row);
  return data.valid[row] === 0 ? null : plainValueAt(type, data.data, row);
}

function plainValueAt(type: ColumnType, data: PlainData, row: number): unknown {
  if (isText(data)) return data[row];
  if (isDictionary(data)) return data.values[data.codes[row] ?? 0];
  if (isList(data)) {
    const values = data.values.slice(data.offsets[row], data.offsets[row + 1]);
    return isText(values) ? values : Array.from(values);
  }
  if (type.kind === 'fixed-size-list') {
    return Array.from(data.subarray(row * type.size, (row + 1) * type.size));
  }
  return type.kind === 'bool' ? data[row] !== 0 : data[row];
}
