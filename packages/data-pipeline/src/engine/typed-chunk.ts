import type { DuckDBConnection, DuckDBDataChunk, DuckDBVector } from '@duckdb/node-api';

export type TypedArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

const arrays = [
  Int8Array,
  Uint8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
] as const;

/**
 * The typed array under a vector of numbers. The engine's Node interface hands out single values only; the array is
 * a private field of its vectors, so this is the one place that reaches for it, and checks what it gets.
 */
export function numbersOf(vector: DuckDBVector): TypedArray {
  const items: unknown = Reflect.get(vector, 'items');
  for (const kind of arrays) if (items instanceof kind) return items;
  throw new TypeError(`the engine's ${vector.type} vector holds no typed array; select another type`);
}

export interface NumberChunk {
  readonly rows: number;
  /** One typed array a column, in the order of the query. Only valid until the next chunk. */
  readonly columns: readonly TypedArray[];
}

/** Streams a query of number columns (no BIGINT, no text, no nulls) chunk by chunk. */
export async function* streamNumbers(connection: DuckDBConnection, sql: string): AsyncGenerator<NumberChunk> {
  const result = await connection.stream(sql);
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    yield { rows: chunk.rowCount, columns: columnsOf(chunk) };
  }
}

function columnsOf(chunk: DuckDBDataChunk): TypedArray[] {
  return Array.from({ length: chunk.columnCount }, (_, index) => numbersOf(chunk.getColumnVector(index)));
}

/** A whole query of number columns, one typed array of doubles a column; for results that fit in memory. */
export async function readNumbers(
  connection: DuckDBConnection,
  sql: string,
): Promise<readonly Float64Array[]> {
  const parts: Float64Array[][] = [];
  let rows = 0;
  for await (const chunk of streamNumbers(connection, sql)) {
    parts.push(chunk.columns.map((column) => Float64Array.from(column)));
    rows += chunk.rows;
  }
  const width = parts[0]?.length ?? (await columnCount(connection, sql));
  return Array.from({ length: width }, (_, index) => {
    const whole = new Float64Array(rows);
    let at = 0;
    for (const part of parts) {
      const column = part[index] ?? new Float64Array(0);
      whole.set(column, at);
      at += column.length;
    }
    return whole;
  });
}

async function columnCount(connection: DuckDBConnection, sql: string): Promise<number> {
  const statement = await connection.prepare(sql);
  try {
    return statement.columnCount;
  } finally {
    statement.destroySync();
  }
}

/** The only value of a query of one row and one column. */
export async function readNumber(connection: DuckDBConnection, sql: string): Promise<number> {
  const reader = await connection.runAndReadAll(sql);
  return Number(reader.getRows()[0]?.[0] ?? 0);
}

/** Rows of text and numbers as objects; for small results. */
export async function readRows(
  connection: DuckDBConnection,
  sql: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const reader = await connection.runAndReadAll(sql);
  return reader.getRowObjectsJS();
}
