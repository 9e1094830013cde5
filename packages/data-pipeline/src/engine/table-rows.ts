import type { DuckDBConnection } from '@duckdb/node-api';
import type { Columns, TableDefinition } from '@retail-sim/artifacts/schema';
import { sqlType } from './copy-table.js';
import { identifier } from './sql.js';
import { openTableParts, type TableParts } from './table-parts.js';

const BUFFER_ROWS = 2048;

export interface TableRowsOptions {
  readonly connection: DuckDBConnection;
  readonly scratch: string;
  readonly partBytes: number;
  /** Enum type of each dictionary column: rows give its codes. */
  readonly enums: Readonly<Record<string, string>>;
  /** Columns that are SQL over the others, and so not part of a row. */
  readonly computed?: Readonly<Record<string, string>>;
}

/** A table written row by row: a row is its numbers, in the order of the schema's columns; NaN is null where allowed. */
export interface TableRows {
  add(row: readonly number[]): void;
  /** Hands full buffers on; call it now and then. */
  drain(): Promise<void>;
  /** Writes the whole table under the name given and returns its rows. */
  write(path: string): Promise<number>;
}

export async function openTableRows<C extends Columns>(
  table: TableDefinition<C>,
  options: TableRowsOptions,
): Promise<TableRows> {
  const { enums, computed = {} } = options;
  const given = Object.entries(table.columns).filter(([name]) => computed[name] === undefined);
  const columns = given.map(([name, { type, nullable }]) => {
    if (type.kind === 'dictionary') return [name, enums[name] ?? 'VARCHAR'] as const;
    if (type.kind === 'integer' || nullable) return [name, 'DOUBLE'] as const;
    return [name, type.kind === 'bool' ? 'UTINYINT' : sqlType(type)] as const;
  });
  const nulls = given
    .filter(([, { type, nullable }]) => nullable && type.kind !== 'dictionary')
    .map(
      ([name]) =>
        `CASE WHEN NOT isnan(${identifier(name)}) THEN ${identifier(name)} END AS ${identifier(name)}`,
    );
  const select = [
    nulls.length === 0 ? '*' : `* REPLACE (${nulls.join(', ')})`,
    ...Object.entries(computed).map(([name, sql]) => `${sql} AS ${identifier(name)}`),
  ].join(', ');
  const parts = await openTableParts(table, { ...options, columns, select });
  return rowBuffer(table.name, parts, given.length);
}

function rowBuffer(name: string, parts: TableParts, width: number): TableRows {
  const make = () => Array.from({ length: width }, () => new Float64Array(BUFFER_ROWS));
  const full: Float64Array[][] = [];
  const spare: Float64Array[][] = [];
  let current: Float64Array[] = make();
  let rows = 0;
  const drain = async () => {
    for (let buffer = full.shift(); buffer !== undefined; buffer = full.shift()) {
      await parts.append(buffer, BUFFER_ROWS);
      spare.push(buffer);
    }
  };
  return {
    add(row) {
      if (row.length !== width) throw new TypeError(`${name} takes ${width} values a row, not ${row.length}`);
      for (let column = 0; column < width; column += 1) {
        const values = current[column];
        if (values !== undefined) values[rows] = row[column] ?? 0;
      }
      rows += 1;
      if (rows < BUFFER_ROWS) return;
      full.push(current);
      current = spare.pop() ?? make();
      rows = 0;
    },
    drain,
    async write(path) {
      await drain();
      await parts.append(current, rows);
      rows = 0;
      return parts.write(path);
    },
  };
}
