import type { Column } from '../schema/column.js';
import type { Batch, Columns, TableDefinition } from '../schema/define-table.js';
import {
  type AnyData,
  dataName,
  isArrayOf,
  isDictionary,
  isList,
  isNullable,
  isText,
  memoryKind,
  type PlainData,
  stride,
} from './column-data.js';

/**
 * Checks that a batch has exactly the columns of the table, each of the right class and length, before a byte of it
 * is written. A wrong batch is a defect of the calling stage, not of the user's input.
 *
 * @throws TypeError naming table and column
 */
export function checkBatch<C extends Columns>(table: TableDefinition<C>, batch: Batch<C>): void {
  const given: Readonly<Record<string, AnyData>> = batch.columns;
  for (const name of Object.keys(given)) {
    if (table.columns[name] === undefined) throw new TypeError(`${table.name} has no column ${name}`);
  }
  for (const [name, column] of Object.entries(table.columns)) {
    const data = given[name];
    if (data === undefined) throw new TypeError(`${table.name}.${name}: the batch lacks this column`);
    const problem = columnProblem(column, data, batch.rows);
    if (problem !== undefined) throw new TypeError(`${table.name}.${name}: ${problem}`);
  }
}

function columnProblem(column: Column, data: AnyData, rows: number): string | undefined {
  const expected = dataName(column.type, column.nullable);
  if (isNullable(data) !== column.nullable) return `give ${expected}`;
  if (!isNullable(data)) return plainProblem(column, data, rows, undefined);
  if (data.valid.length !== rows) return `valid has ${data.valid.length} entries for ${rows} rows`;
  return plainProblem(column, data.data, rows, data.valid);
}

function plainProblem(
  { type, nullable }: Column,
  data: PlainData,
  rows: number,
  valid: Uint8Array | undefined,
): string | undefined {
  const wrongClass = `give ${dataName(type, nullable)}`;
  if (type.kind === 'utf8') return isText(data) ? lengthProblem(data.length, rows) : wrongClass;
  if (type.kind === 'dictionary') {
    if (!isDictionary(data) || !isArrayOf(type.codes, data.codes)) return wrongClass;
    return lengthProblem(data.codes.length, rows) ?? codeProblem(data.codes, data.values.length, valid);
  }
  if (type.kind === 'list') {
    if (!isList(data)) return wrongClass;
    if (!(type.of === 'utf8' ? isText(data.values) : isArrayOf(type.of, data.values))) return wrongClass;
    return lengthProblem(data.offsets.length, rows + 1) ?? offsetProblem(data.offsets, data.values.length);
  }
  const kind = memoryKind(type);
  if (kind === undefined || !isArrayOf(kind, data)) return wrongClass;
  return lengthProblem(data.length, rows * stride(type));
}

function lengthProblem(length: number, expected: number): string | undefined {
  return length === expected ? undefined : `has ${length} values where ${expected} belong`;
}

function codeProblem(
  codes: ArrayLike<number>,
  size: number,
  valid: Uint8Array | undefined,
): string | undefined {
  for (let row = 0; row < codes.length; row += 1) {
    if ((codes[row] ?? 0) >= size && valid?.[row] !== 0) {
      return `row ${row} has code ${codes[row]}, the dictionary ${size} values`;
    }
  }
  return undefined;
}

function offsetProblem(offsets: Int32Array, length: number): string | undefined {
  if (offsets[0] !== 0) return 'offsets start at 0';
  for (let row = 1; row < offsets.length; row += 1) {
    if ((offsets[row] ?? 0) < (offsets[row - 1] ?? 0)) return `offsets fall at row ${row - 1}`;
  }
  const last = offsets[offsets.length - 1] ?? 0;
  return last === length ? undefined : `offsets end at ${last}, values at ${length}`;
}
