export {
  type CodeKind,
  type Column,
  type ColumnOptions,
  type ColumnType,
  column,
  type NumberKind,
  typeName,
} from './column.js';
export {
  type Batch,
  type BatchOf,
  type ColumnData,
  type Columns,
  type DictionaryData,
  defineTable,
  type ListData,
  type NullableData,
  type Row,
  type RowOf,
  type TableDefinition,
} from './define-table.js';
