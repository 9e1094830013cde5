import {
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
} from '@duckdb/node-api';
import { identifier } from './sql.js';
import { numbersOf, type TypedArray } from './typed-chunk.js';

/** Rows the engine takes at a time. */
const CHUNK_ROWS = 2048;

/** A temporary table that takes columns of numbers (enums as their codes), without a value ever being boxed. */
export interface AppendTable {
  readonly name: string;
  /** Rows since the table was made or emptied. */
  readonly rows: () => number;
  append(columns: readonly TypedArray[], rows: number): void;
  /** What was appended is in the table after this. */
  flush(): void;
  clear(): Promise<void>;
  drop(): Promise<void>;
}

/** @param columns name and SQL type of each column; numbers and enums only */
export async function createAppendTable(
  connection: DuckDBConnection,
  name: string,
  columns: readonly (readonly [name: string, type: string])[],
): Promise<AppendTable> {
  const definition = columns.map(([column, type]) => `${identifier(column)} ${type}`).join(', ');
  await connection.run(`CREATE OR REPLACE TABLE ${identifier(name)} (${definition})`);
  let appender: DuckDBAppender = await connection.createAppender(name);
  const types: DuckDBType[] = columns.map((_, index) => appender.columnType(index));
  // One chunk for all rows: making a chunk costs far more than filling it.
  const chunk = DuckDBDataChunk.create(types, CHUNK_ROWS);
  const vectors = columns.map((_, index) => chunk.getColumnVector(index));
  const buffers = vectors.map(numbersOf);
  let filled = 0;
  let rows = 0;

  function flushChunk(): void {
    if (filled === 0) return;
    for (const vector of vectors) vector.flush();
    chunk.rowCount = filled;
    appender.appendDataChunk(chunk);
    filled = 0;
  }

  return {
    name,
    rows: () => rows,
    append(data, count) {
      for (let from = 0; from < count; ) {
        const part = Math.min(CHUNK_ROWS - filled, count - from);
        for (const [index, buffer] of buffers.entries()) {
          const column = data[index];
          if (column === undefined)
            throw new TypeError(`${name} has ${buffers.length} columns, not ${data.length}`);
          buffer.set(column.subarray(from, from + part), filled);
        }
        filled += part;
        from += part;
        if (filled === CHUNK_ROWS) flushChunk();
      }
      rows += count;
    },
    flush() {
      flushChunk();
      appender.flushSync();
    },
    async clear() {
      flushChunk();
      appender.closeSync();
      await connection.run(`TRUNCATE ${identifier(name)}`);
      appender = await connection.createAppender(name);
      rows = 0;
    },
    async drop() {
      filled = 0;
      appender.closeSync();
      await connection.run(`DROP TABLE ${identifier(name)}`);
    },
  };
}
