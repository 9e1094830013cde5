import { type Column, numberArrayTypes } from '../schema/column.js';
import type { Batch, Columns, TableDefinition } from '../schema/define-table.js';
import {
  type AnyData,
  isDictionary,
  isList,
  isNullable,
  isNumberArray,
  isText,
  memoryKind,
  type NumberArray,
  type PlainData,
} from './column-data.js';
import { emptyBatch } from './rows.js';

/** All batches as one. Dictionary columns must share their `values`, as the batches of one reader do. */
export function concatBatches<C extends Columns>(
  table: TableDefinition<C>,
  batches: readonly Batch<C>[],
  names: readonly (keyof C & string)[] = Object.keys(table.columns),
): Batch<C> {
  const [only] = batches;
  if (only !== undefined && batches.length === 1) return only;
  const empty: Readonly<Record<string, AnyData>> = emptyBatch(table).columns;
  const columns: Record<string, AnyData> = {};
  for (const name of names) {
    const column = table.columns[name];
    if (column === undefined) continue;
    const parts = batches.map((batch): AnyData => batch.columns[name]);
    columns[name] = concatData(column, [...parts], empty[name]);
  }
  const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
  return { rows, columns: columns as Batch<C>['columns'] };
}

function concatData(column: Column, parts: readonly AnyData[], empty: AnyData | undefined): AnyData {
  if (parts.length === 0 && empty !== undefined) return empty;
  if (!column.nullable) return concatPlain(column, parts.filter(isPlain));
  const nullable = parts.filter(isNullable);
  return {
    data: concatPlain(
      column,
      nullable.map(({ data }) => data),
    ),
    valid: concatNumbers(
      new Uint8Array(nullable.reduce((sum, { valid }) => sum + valid.length, 0)),
      nullable.map(({ valid }) => valid),
    ),
  };
}

function isPlain(data: AnyData): data is PlainData {
  return !isNullable(data);
}

function concatPlain({ type }: Column, parts: readonly PlainData[]): PlainData {
  if (type.kind === 'utf8') return parts.filter(isText).flat();
  if (type.kind === 'dictionary') {
    const dictionaries = parts.filter(isDictionary);
    const values = dictionaries[0]?.values ?? [];
    if (dictionaries.some((part) => part.values !== values)) throw new TypeError('dictionaries differ');
    return {
      codes: concatNumbers(
        new numberArrayTypes[type.codes](dictionaries.reduce((sum, { codes }) => sum + codes.length, 0)),
        dictionaries.map(({ codes }) => codes),
      ),
      values,
    };
  }
  if (type.kind === 'list') {
    const lists = parts.filter(isList);
    const offsets = new Int32Array(lists.reduce((sum, list) => sum + list.offsets.length - 1, 1));
    let row = 0;
    let end = 0;
    for (const list of lists) {
      for (let i = 1; i < list.offsets.length; i += 1) offsets[row + i] = end + (list.offsets[i] ?? 0);
      row += list.offsets.length - 1;
      end += list.values.length;
    }
    const values = lists.map((list): PlainData => list.values);
    if (type.of === 'utf8') return { offsets, values: values.filter(isText).flat() };
    return { offsets, values: concatArrays(type.of, values.filter(isNumberArray)) };
  }
  return concatArrays(memoryKind(type) ?? 'float64', parts.filter(isNumberArray));
}

function concatArrays<K extends keyof typeof numberArrayTypes>(kind: K, parts: readonly NumberArray[]) {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return concatNumbers(new numberArrayTypes[kind](length), parts);
}

function concatNumbers<A extends NumberArray>(target: A, parts: readonly NumberArray[]): A {
  let at = 0;
  for (const part of parts) {
    target.set(part, at);
    at += part.length;
  }
  return target;
}
