import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { makeScratchFolder } from '@retail-sim/artifacts';

export interface EngineOptions {
  /** Folder on the disk of the outputs: the engine spills there, and nothing stays behind. */
  readonly folder: string;
  readonly threads: number;
  /** `1GB`: what the engine may hold in memory before it spills. */
  readonly memoryLimit: string;
}

/** An in-process DuckDB with a folder for what does not fit into memory. */
export interface Engine extends AsyncDisposable {
  readonly connection: DuckDBConnection;
  /** A further connection: two results that are read side by side need one each. */
  connect(): Promise<DuckDBConnection>;
}

export async function openEngine({ folder, threads, memoryLimit }: EngineOptions): Promise<Engine> {
  const scratch = await makeScratchFolder(folder);
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(threads),
    memory_limit: memoryLimit,
    temp_directory: join(scratch, 'spill'),
    preserve_insertion_order: 'true',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connections = [await instance.connect()];
  const [connection] = connections;
  if (connection === undefined) throw new TypeError('the engine gave no connection');
  return {
    connection,
    async connect() {
      const further = await instance.connect();
      connections.push(further);
      return further;
    },
    async [Symbol.asyncDispose]() {
      for (const open of connections) open.closeSync();
      instance.closeSync();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}
