import type { DuckDBConnection } from '@duckdb/node-api';
import { arrowSchema, publishFile } from '@retail-sim/artifacts';
import type { ColumnType, TableDefinition } from '@retail-sim/artifacts/schema';
import { identifier, literal } from './sql.js';

const sqlTypes: Readonly<Record<string, string>> = {
  int8: 'TINYINT',
  uint8: 'UTINYINT',
  int16: 'SMALLINT',
  uint16: 'USMALLINT',
  int32: 'INTEGER',
  uint32: 'UINTEGER',
  float32: 'FLOAT',
  float64: 'DOUBLE',
  bool: 'BOOLEAN',
  integer: 'BIGINT',
  date: 'DATE',
  utf8: 'VARCHAR',
};

/** The engine's type of a column. */
export function sqlType(type: ColumnType): string {
  const name = sqlTypes[type.kind];
  if (name === undefined) throw new TypeError(`the engine writes no ${type.kind} columns`);
  return name;
}

/** Writes a query with the table's columns as its Parquet file and publishes it. Returns the rows written. */
export function copyTable(
  connection: DuckDBConnection,
  path: string,
  table: TableDefinition,
  query: string,
): Promise<number> {
  return publishFile(path, (temporary) => copyParquet(connection, temporary, table, query));
}

/** The same under the name given, without publishing. The order of the query's rows is kept. */
export async function copyParquet(
  connection: DuckDBConnection,
  path: string,
  table: TableDefinition,
  query: string,
): Promise<number> {
  const columns = Object.entries(table.columns).map(([name, { type }]) => {
    // An enum goes to disk by its codes, at half the cost of its texts.
    if (type.kind === 'dictionary') return identifier(name);
    return `${identifier(name)}::${sqlType(type)} AS ${identifier(name)}`;
  });
  const metadata = [...arrowSchema(table).metadata]
    .map(([key, value]) => `${identifier(key)}: ${literal(value)}`)
    .join(', ');
  const reader = await connection.runAndReadAll(
    `COPY (SELECT ${columns.join(', ')} FROM (${query})) TO ${literal(path)}
     (FORMAT parquet, COMPRESSION zstd, KV_METADATA {${metadata}})`,
  );
  return Number(reader.getRows()[0]?.[0] ?? 0);
}
