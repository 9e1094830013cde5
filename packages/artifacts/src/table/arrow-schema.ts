import {
  Bool,
  DataType,
  DateDay,
  Dictionary,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  List,
  Schema,
  Uint8,
  Uint16,
  Uint32,
  Utf8,
} from 'apache-arrow';
import type { Column, ColumnType, NumberKind } from '../schema/column.js';
import type { TableDefinition } from '../schema/define-table.js';

/** Keys under which a file says which table it holds, in Parquet's key-value metadata and Arrow's schema metadata. */
export const TABLE_KEY = 'retail-sim:table';
export const VERSION_KEY = 'retail-sim:schema-version';

const numberTypes = {
  int8: () => new Int8(),
  uint8: () => new Uint8(),
  int16: () => new Int16(),
  uint16: () => new Uint16(),
  int32: () => new Int32(),
  uint32: () => new Uint32(),
  float32: () => new Float32(),
  float64: () => new Float64(),
} as const satisfies Record<NumberKind, () => DataType>;

export function arrowNumber(kind: NumberKind): DataType {
  return numberTypes[kind]();
}

/** The Arrow type of a column. `dictionaryId` tells the dictionaries of one schema apart. */
export function arrowType(type: ColumnType, dictionaryId = 0): DataType {
  switch (type.kind) {
    case 'bool':
      return new Bool();
    case 'integer':
      return new Int64();
    case 'date':
      return new DateDay();
    case 'utf8':
      return new Utf8();
    case 'dictionary':
      return new Dictionary(new Utf8(), numberTypes[type.codes](), dictionaryId);
    case 'fixed-size-list':
      return new FixedSizeList(type.size, new Field('item', arrowNumber(type.of), false));
    case 'list':
      return new List(
        new Field<DataType>('item', type.of === 'utf8' ? new Utf8() : arrowNumber(type.of), false),
      );
    default:
      return arrowNumber(type.kind);
  }
}

function arrowField(name: string, { type, nullable, description, unit }: Column, position: number): Field {
  const metadata = new Map([['description', description]]);
  if (unit !== undefined) metadata.set('unit', unit);
  return new Field(name, arrowType(type, position), nullable, metadata);
}

/** Table name and schema version, as files carry them. */
export function fileMetadata(table: TableDefinition): Map<string, string> {
  return new Map([
    [TABLE_KEY, table.name],
    [VERSION_KEY, String(table.version)],
  ]);
}

/** The Arrow schema of a table, with units and descriptions as field metadata. */
export function arrowSchema(table: TableDefinition): Schema {
  const fields = Object.entries(table.columns).map(([name, column], position) =>
    arrowField(name, column, position),
  );
  return new Schema(fields, fileMetadata(table));
}

/** An Arrow type as messages write it, in the words of `typeName`. */
export function arrowTypeName(type: DataType): string {
  if (DataType.isDictionary(type)) {
    return `dictionary<${arrowTypeName(type.indices)}, ${arrowTypeName(type.dictionary)}>`;
  }
  if (DataType.isFixedSizeList(type)) {
    return `fixed_size_list<${arrowTypeName(type.valueType)}>[${type.listSize}]`;
  }
  if (DataType.isList(type)) return `list<${arrowTypeName(type.valueType)}>`;
  if (DataType.isDate(type)) return type.unit === 0 ? 'date32' : 'date64';
  return String(type).toLowerCase();
}
