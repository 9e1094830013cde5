import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Columns, TableDefinition } from '@retail-sim/artifacts/schema';
import { createAppendTable } from './append-table.js';
import { copyParquet } from './copy-table.js';
import { identifier, literals } from './sql.js';
import { readNumber, type TypedArray } from './typed-chunk.js';

export interface PartsOptions {
  readonly connection: DuckDBConnection;
  /** Folder for the parts. */
  readonly scratch: string;
  /** Name and SQL type of what is appended. */
  readonly columns: readonly (readonly [name: string, type: string])[];
  /** The table's columns as SQL over what is appended. */
  readonly select: string;
  /** Bytes of rows that stay in memory before they go to disk. */
  readonly partBytes: number;
}

/** A table written in order by appending; memory holds one part, whatever the length of the table. */
export interface TableParts {
  append(columns: readonly TypedArray[], rows: number): Promise<void>;
  /** Writes the whole table under the name given and returns its rows. */
  write(path: string): Promise<number>;
}

export async function openTableParts<C extends Columns>(
  table: TableDefinition<C>,
  { connection, scratch, columns, select, partBytes }: PartsOptions,
): Promise<TableParts> {
  const pending = await createAppendTable(connection, `${table.name}_rows`, columns);
  const encoded = await encodings(connection, table, columns);
  const encode = (rows: string) => (encoded === '' ? rows : `SELECT * REPLACE (${encoded}) FROM (${rows})`);
  const query = encode(`SELECT ${select} FROM ${identifier(pending.name)}`);
  const partRows = Math.max(1, Math.floor(partBytes / rowBytes(columns)));
  const parts: string[] = [];
  return {
    async append(data, rows) {
      pending.append(data, rows);
      if (pending.rows() < partRows) return;
      pending.flush();
      const part = join(scratch, `${table.name}-${parts.length}.parquet`);
      await copyParquet(connection, part, table, query);
      parts.push(part);
      await pending.clear();
    },
    async write(path) {
      pending.flush();
      const before = `SELECT * FROM read_parquet(${literals(parts)})`;
      // By name: the parts have the table's order of columns, the query need not.
      const whole = parts.length === 0 ? query : encode(`${before} UNION ALL BY NAME ${query}`);
      const rows = await copyParquet(connection, path, table, whole);
      await pending.drop();
      return rows;
    },
  };
}

/** Longer dictionaries are written as text: an enum's goes into every row group whole. */
const MAX_DICTIONARY = 16_384;

/** The dictionary columns in the type in which they are written, whether or not they were on disk meanwhile. */
async function encodings(
  connection: DuckDBConnection,
  table: TableDefinition,
  columns: PartsOptions['columns'],
): Promise<string> {
  const casts: string[] = [];
  for (const [name, type] of columns) {
    if (table.columns[name]?.type.kind !== 'dictionary') continue;
    const values = await readNumber(connection, `SELECT len(enum_range(NULL::${type}))`);
    const written = values > MAX_DICTIONARY ? 'VARCHAR' : type;
    casts.push(`${identifier(name)}::${written} AS ${identifier(name)}`);
  }
  return casts.join(', ');
}

/** What the engine holds of a row, give or take. */
function rowBytes(columns: PartsOptions['columns']): number {
  return columns.reduce((sum, [, type]) => sum + (COLUMN_BYTES[type] ?? 4), 0);
}

const COLUMN_BYTES: Readonly<Record<string, number>> = {
  UTINYINT: 1,
  SMALLINT: 2,
  INTEGER: 4,
  UINTEGER: 4,
  DOUBLE: 8,
};
