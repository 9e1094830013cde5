import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findManifest } from '@retail-sim/artifacts';
import { InputError } from '@retail-sim/errors';
import { isRawData } from './up-to-date.js';

const GENERATOR = 'retail-sample-data';

/**
 * Refuses a raw folder in which the user's files lie among those of the sample generator: both would be read as one.
 *
 * @throws InputError that says how to part them
 */
export async function refuseMixedRawData(folder: string): Promise<void> {
  const manifest = await findManifest(folder, GENERATOR);
  if (manifest?.command !== GENERATOR) return;
  const names = (await readdir(folder)).filter((name) => /^transactions/.test(name) && isRawData(name));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  const own = names.filter((name, place) => manifest.outputs[name]?.bytes !== sizes[place]);
  if (own.length === 0 || own.length === names.length) return;
  throw new InputError({
    what: `holds sample data and other files together: ${own.length} of ${names.length} transaction files are not those of ${GENERATOR}`,
    where: { file: folder },
    remedy: 'empty the folder and copy your files into it again, or name their folder with --raw',
  });
}
