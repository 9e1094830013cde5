import { DuckDBInstance } from '@duckdb/node-api';
import { z } from 'zod';

/** Answers questions about Parquet files; holds nothing between them. */
export interface Tables {
  /**
   * Rows of a query. Files and other values are parameters (`$name`), so nothing of theirs is ever read as SQL.
   * 64-bit integers come as texts of digits: read them with {@link numeric}.
   */
  readonly rows: <Row>(
    shape: z.ZodType<Row>,
    sql: string,
    values: Readonly<Record<string, string | number>>,
  ) => Promise<readonly Row[]>;
  readonly close: () => void;
}

export async function openTables(threads: number): Promise<Tables> {
  const instance = await DuckDBInstance.create(':memory:', { threads: String(threads), memory_limit: '1GB' });
  const connection = await instance.connect();
  return {
    rows: async (shape, sql, values) => {
      const reader = await connection.runAndReadAll(sql, { ...values });
      return z.array(shape).parse(reader.getRowObjectsJson());
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** A number that may arrive as a text of digits. */
export const numeric = z.coerce.number();
