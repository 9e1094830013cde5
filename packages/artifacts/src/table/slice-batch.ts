import type { Column } from '../schema/column.js';
import type { Batch, Columns, TableDefinition } from '../schema/define-table.js';
import {
  type AnyData,
  isDictionary,
  isList,
  isNullable,
  isText,
  type PlainData,
  stride,
} from './column-data.js';

/** Rows `from` up to `to` (exclusive) of a batch. Views where the memory allows: no number is copied but offsets. */
export function sliceBatch<C extends Columns>(
  table: TableDefinition<C>,
  batch: Batch<C>,
  from: number,
  to: number,
): Batch<C> {
  if (from === 0 && to === batch.rows) return batch;
  const given: Readonly<Record<string, AnyData>> = batch.columns;
  const columns: Record<string, AnyData> = {};
  for (const [name, column] of Object.entries(table.columns)) {
    const data = given[name];
    if (data !== undefined) columns[name] = sliceData(column, data, from, to);
  }
  return { rows: to - from, columns: columns as Batch<C>['columns'] };
}

function sliceData(column: Column, data: AnyData, from: number, to: number): AnyData {
  if (!isNullable(data)) return slicePlain(column, data, from, to);
  return { data: slicePlain(column, data.data, from, to), valid: data.valid.subarray(from, to) };
}

function slicePlain({ type }: Column, data: PlainData, from: number, to: number): PlainData {
  if (isText(data)) return data.slice(from, to);
  if (isDictionary(data)) return { codes: data.codes.subarray(from, to), values: data.values };
  if (isList(data)) {
    const start = data.offsets[from] ?? 0;
    const end = data.offsets[to] ?? start;
    const offsets = data.offsets.subarray(from, to + 1).map((offset) => offset - start);
    const values = isText(data.values) ? data.values.slice(start, end) : data.values.subarray(start, end);
    return { offsets, values };
  }
  const size = stride(type);
  return data.subarray(from * size, to * size);
}
