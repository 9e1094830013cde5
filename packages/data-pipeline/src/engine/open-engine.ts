import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { makeScratchFolder } from '@retail-sim/artifacts';
import { literal } from './sql.js';

export interface EngineOptions {
  /** Folder on the disk of the outputs: the engine spills there, and nothing stays behind. */
  readonly folder: string;
  readonly threads: number;
  /** Bytes that the engine may hold in memory before it spills. */
  readonly memoryLimit: number;
}

/** An in-process DuckDB with a folder for what does not fit into memory. */
export interface Engine extends AsyncDisposable {
  readonly connection: DuckDBConnection;
  /** Another limit from here on. */
  limitMemory(bytes: number): Promise<void>;
  /** A second connection, to write while the first one streams. */
  connect(): Promise<DuckDBConnection>;
  /** Empty folder of this run, removed at the end. */
  readonly scratch: string;
}

export async function openEngine({ folder, threads, memoryLimit }: EngineOptions): Promise<Engine> {
  const scratch = await makeScratchFolder(folder);
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(threads),
    memory_limit: megabytes(memoryLimit),
    temp_directory: join(scratch, 'spill'),
    preserve_insertion_order: 'true',
    // The engine guesses a few thousand rows for any number of CSV files, and would hash them all to look up a smaller
    // table in them. Every join here has the smaller side on the right; it stays there.
    disabled_optimizers: 'build_side_probe_side',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  const close = async () => {
    connection.closeSync();
    instance.closeSync();
    await rm(scratch, { recursive: true, force: true });
  };
  return {
    connection,
    connect: () => instance.connect(),
    async limitMemory(bytes) {
      await connection.run(`SET memory_limit = ${literal(megabytes(bytes))}`);
    },
    scratch,
    [Symbol.asyncDispose]: close,
  };
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)}MB`;
}
