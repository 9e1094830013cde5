import { copyFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { verifyUpstream } from '@retail-sim/artifacts';
import { InputError } from '@retail-sim/errors';
import { type StepContext, writeSplit } from '../run-data-pipeline.js';
import { SPLIT_FILE } from '../schemas/split.js';
import { calendar, transactions } from '../schemas/transactions.js';
import { INGEST_TABLES, type Ingested, loadTables, readCounts, splitOf } from './ingest.js';

/**
 * Takes over what an earlier run has read, from its folder, instead of the raw files: no CSV is parsed. The split is
 * decided anew.
 *
 * @throws InputError when the folder is incomplete, of another release, or was read in another mode
 */
export async function adoptIngest(context: Omit<StepContext, 'split'>, folder: string): Promise<Ingested> {
  const { options, stage } = context;
  const refuse = (what: string, remedy: string) => {
    throw new InputError({ what, where: { file: folder }, remedy });
  };
  if (resolve(folder) === resolve(options.processed)) {
    refuse('is the folder to write as well', 'name another folder with --processed');
  }
  if (options.nrows !== undefined) {
    refuse('holds sorted rows: it has no first rows for --nrows', 'name the raw files instead');
  }
  const upstream = await verifyUpstream(folder, {
    command: 'retail-data-pipeline',
    tables: INGEST_TABLES,
    mode: options.compat ? 'reference' : 'corrected',
  });
  for (const table of INGEST_TABLES) {
    await stage.file(table.file, (temporary) => copyFile(upstream.path(table), temporary), {
      table,
      rows: upstream.manifest.outputs[table.file]?.rows ?? 0,
    });
  }
  await loadTables(context);
  const split = await splitOf(context);
  await stage.file(SPLIT_FILE, (temporary) => writeSplit(temporary, split));
  const { rejects } = upstream.manifest;
  return {
    ...readCounts(upstream.manifest),
    split,
    rejects: rejects ?? { rows: 0, file: null },
    filesRead: [upstream.path(transactions), upstream.path(calendar)],
  };
}
