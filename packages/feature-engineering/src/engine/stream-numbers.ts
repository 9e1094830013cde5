import type { DuckDBConnection, DuckDBVector } from '@duckdb/node-api';

export type NumberArray = Int16Array | Int32Array | Uint32Array | Float32Array | Float64Array;
const arrays = [Int16Array, Int32Array, Uint32Array, Float32Array, Float64Array] as const;

export interface NumberChunk {
  readonly rows: number;
  /** One typed array a column, in the order of the query. Only valid until the next chunk. */
  readonly columns: readonly NumberArray[];
}

/**
 * Streams a query of SMALLINT, INTEGER, UINTEGER, FLOAT and DOUBLE columns without nulls, chunk by chunk.
 *
 * @param width number of columns, which is checked
 */
export async function* streamNumbers(
  connection: DuckDBConnection,
  sql: string,
  width: number,
): AsyncGenerator<NumberChunk> {
  const result = await connection.stream(sql);
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    if (chunk.columnCount !== width) throw new TypeError(`the query gives ${chunk.columnCount} columns`);
    yield {
      rows: chunk.rowCount,
      columns: Array.from({ length: width }, (_, column) => numbersOf(chunk.getColumnVector(column))),
    };
  }
}

/** The typed array under a vector: a private field, because the engine's interface hands out single values only. */
function numbersOf(vector: DuckDBVector): NumberArray {
  const items: unknown = Reflect.get(vector, 'items');
  for (const kind of arrays) if (items instanceof kind) return items;
  throw new TypeError(`the engine's ${vector.type} vector holds no typed array; select another type`);
}

/** Rows of a Parquet file as a table expression. */
export function parquet(path: string): string {
  return `read_parquet('${path.replaceAll("'", "''")}')`;
}
