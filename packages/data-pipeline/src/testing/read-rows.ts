import { join } from 'node:path';
import { readWholeTable, rowsOf } from '@retail-sim/artifacts';
import type { TableDefinition } from '@retail-sim/artifacts/schema';

export type AnyRow = Readonly<Record<string, unknown>>;

/** A table of a stage folder as objects; for tests. */
export async function readTableRows(folder: string, table: TableDefinition): Promise<readonly AnyRow[]> {
  return [...rowsOf(table, await readWholeTable(join(folder, table.file), table))];
}
