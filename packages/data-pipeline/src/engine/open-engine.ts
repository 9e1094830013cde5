import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { makeScratchFolder } from '@retail-sim/artifacts';

export interface EngineOptions {
  /** Folder on the disk of the outputs: the engine spills there, and nothing stays behind. */
  readonly folder: string;
  readonly threads: number;
  /** `2GB`: what the engine may hold in memory before it spills. */
  readonly memoryLimit: string;
}

/** An in-process DuckDB with a folder for what does not fit into memory. */
export interface Engine extends AsyncDisposable {
  readonly connection: DuckDBConnection;
  /** A second connection, to write while the first one streams. */
  connect(): Promise<DuckDBConnection>;
  /** Empty folder of this run, removed at the end. */
  readonly scratch: string;
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
  const connection = await instance.connect();
  const close = async () => {
    connection.closeSync();
    instance.closeSync();
    await rm(scratch, { recursive: true, force: true });
  };
  return { connection, connect: () => instance.connect(), scratch, [Symbol.asyncDispose]: close };
}
