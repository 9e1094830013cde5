import { join } from 'node:path';
import type { Upstream } from '@retail-sim/artifacts';
import { InputError } from '@retail-sim/errors';

/**
 * Refuses a folder of the data pipeline that was made from other rows than the user asks for.
 *
 * @param nrows what the user gave as `--nrows`; undefined takes over the pipeline's choice
 * @param remake what to run to get these rows, from a number of rows
 * @throws InputError
 */
export function checkRowLimit(
  { folder, manifest }: Upstream,
  nrows: number | undefined,
  remake: (nrows: number) => string,
): void {
  const theirs = manifest.parameters['nrows'] ?? undefined;
  if (nrows === undefined || nrows === theirs) return;
  throw new InputError({
    what: `was made from ${theirs === undefined ? 'all rows' : `the first ${theirs} rows`}, this command was given --nrows ${nrows}`,
    where: { file: join(folder, 'manifest.json') },
    remedy: `run ${remake(nrows)}, or leave --nrows out here`,
  });
}
