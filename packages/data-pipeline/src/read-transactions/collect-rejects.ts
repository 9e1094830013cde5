import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { copyParquet } from '../engine/copy-table.js';
import { literal } from '../engine/sql.js';
import { rejects } from '../schemas/transactions.js';
import type { Reject } from './parse-row.js';

const EXAMPLES = 5;

/** Rejected rows on their way to disk: any number of them costs no memory. */
export interface RejectCollector {
  add(reject: Reject): Promise<void>;
  readonly count: () => number;
  readonly byReason: () => Readonly<Record<string, number>>;
  /** The first few, for messages. */
  readonly examples: () => readonly Reject[];
  /** Writes rejects.parquet under the name given. */
  write(connection: DuckDBConnection, path: string): Promise<number>;
}

export function collectRejects(scratchFile: string): RejectCollector {
  const stream = createWriteStream(scratchFile);
  const reasons = new Map<string, number>();
  const examples: Reject[] = [];
  let count = 0;
  return {
    async add(reject) {
      count += 1;
      reasons.set(reject.reason, (reasons.get(reject.reason) ?? 0) + 1);
      if (examples.length < EXAMPLES) examples.push(reject);
      if (!stream.write(`${JSON.stringify({ n: count, ...reject })}\n`)) await once(stream, 'drain');
    },
    count: () => count,
    byReason: () => Object.fromEntries([...reasons].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    examples: () => examples,
    async write(connection, path) {
      stream.end();
      await finished(stream);
      const rows = `SELECT file, line, "column", value, reason FROM read_json(${literal(scratchFile)}, format = 'newline_delimited',
        columns = {n: 'BIGINT', file: 'VARCHAR', line: 'BIGINT', "column": 'VARCHAR', value: 'VARCHAR', reason: 'VARCHAR'}) ORDER BY n`;
      const none = `SELECT NULL AS file, NULL AS line, NULL AS "column", NULL AS value, NULL AS reason WHERE false`;
      return copyParquet(connection, path, rejects, count === 0 ? none : rows);
    },
  };
}
