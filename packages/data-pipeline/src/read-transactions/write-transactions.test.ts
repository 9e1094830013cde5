import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEngine } from '../engine/open-engine.js';
import { temporaryFolder } from '../testing/pipeline-run.js';
import { readTransactions } from './read-transactions.js';

test('sorting a few weeks at a time gives the same file as sorting all of them', async () => {
  const sample = join(import.meta.dirname, '../../fixtures/sample');
  await using folder = await temporaryFolder();
  await using engine = await openEngine({ folder: folder.path, threads: 1, memoryLimit: 4e8 });
  const read = async (sortRows: number) => {
    const { lines, accepted } = await readTransactions(engine.connection, {
      input: {
        files: [join(sample, 'transactions.csv.gz')],
        calendar: join(sample, 'time.csv'),
        ingested: null,
      },
      nrows: undefined,
      maxRejectRate: 0,
      compat: false,
      sortRows,
      scratch: folder.path,
      warn: () => {},
    });
    expect(accepted).toBe(2295);
    const kept = join(folder.path, `${sortRows}.parquet`);
    await rename(lines, kept);
    return readFile(kept);
  };
  const whole = await read(Number.POSITIVE_INFINITY);
  for (const sortRows of [1, 500]) expect((await read(sortRows)).equals(whole), String(sortRows)).toBe(true);
});
