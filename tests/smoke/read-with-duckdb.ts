// A second engine reads what the stages wrote.
import { DuckDBInstance } from '@duckdb/node-api';

/** One row of a query as an object. */
export async function queryOne(sql: string): Promise<Record<string, unknown>> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const [row] = (await connection.runAndReadAll(sql)).getRowObjectsJson();
    if (row === undefined) throw new Error(`no row: ${sql}`);
    return row;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
