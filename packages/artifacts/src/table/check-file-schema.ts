import { InputError } from '@retail-sim/errors';
import { DataType, type Schema } from 'apache-arrow';
import { type ColumnType, typeName } from '../schema/column.js';
import type { TableDefinition } from '../schema/define-table.js';
import { arrowType, arrowTypeName, TABLE_KEY, VERSION_KEY } from './arrow-schema.js';

/** What a file says about itself. */
export interface FileSchema {
  readonly path: string;
  readonly schema: Schema;
  /** Parquet's key-value metadata or Arrow's schema metadata. */
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Checks that a file holds this table: its name and schema version where the file states them, and every column's
 * type. Types that only another engine's dialect tells apart are equal (a vector written as a list, a dictionary as
 * text).
 *
 * @throws InputError naming the file, the column and the command that makes the file again
 */
export function checkFileSchema(table: TableDefinition, { path, schema, metadata }: FileSchema): void {
  const remedy = `run ${table.madeBy} again`;
  const refuse = (what: string, column?: string) => {
    throw new InputError({
      what,
      where: { file: path, ...(column === undefined ? {} : { column }) },
      remedy,
    });
  };
  const name = metadata.get(TABLE_KEY);
  if (name !== undefined && name !== table.name) refuse(`holds the table ${name}, not ${table.name}`);
  const version = metadata.get(VERSION_KEY);
  if (version !== undefined && version !== String(table.version)) {
    refuse(`has schema version ${version} of ${table.name}; this release reads version ${table.version}`);
  }
  for (const [column, { type }] of Object.entries(table.columns)) {
    const field = schema.fields.find((candidate) => candidate.name === column);
    if (field === undefined) refuse(`lacks this column of ${table.name}`, column);
    else if (!isReadableAs(type, field.type)) {
      refuse(`is ${arrowTypeName(field.type)}, expected ${typeName(type)}`, column);
    }
  }
  const foreign = schema.fields.find((field) => table.columns[field.name] === undefined);
  if (foreign !== undefined) refuse(`is not a column of ${table.name}`, foreign.name);
}

function isReadableAs(type: ColumnType, found: DataType): boolean {
  if (type.kind === 'dictionary') {
    return DataType.isUtf8(found) || (DataType.isDictionary(found) && DataType.isUtf8(found.dictionary));
  }
  if (type.kind === 'fixed-size-list') {
    if (DataType.isFixedSizeList(found) && found.listSize !== type.size) return false;
    if (!DataType.isFixedSizeList(found) && !DataType.isList(found)) return false;
    return isReadableAs({ kind: type.of }, found.valueType);
  }
  if (type.kind === 'list') {
    return DataType.isList(found) && isReadableAs({ kind: type.of }, found.valueType);
  }
  return arrowTypeName(found) === arrowTypeName(arrowType(type));
}
