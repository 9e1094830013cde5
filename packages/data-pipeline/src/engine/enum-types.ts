import type { DuckDBConnection } from '@duckdb/node-api';
import { identifier, literal } from './sql.js';

/** Makes an enum type whose codes are the positions in the list. */
export async function createEnum(
  connection: DuckDBConnection,
  name: string,
  values: readonly string[],
): Promise<string> {
  await connection.run(`DROP TYPE IF EXISTS ${identifier(name)}`);
  await connection.run(`CREATE TYPE ${identifier(name)} AS ENUM (${values.map(literal).join(', ')})`);
  return identifier(name);
}

/** Makes an enum type from the text column of a query, in its order. */
export async function createEnumFrom(
  connection: DuckDBConnection,
  name: string,
  query: string,
): Promise<string> {
  await connection.run(`DROP TYPE IF EXISTS ${identifier(name)}`);
  await connection.run(`CREATE TYPE ${identifier(name)} AS ENUM (${query})`);
  return identifier(name);
}
