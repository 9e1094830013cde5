import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError } from '@retail-sim/errors';

/** A half-written checkpoint, and a checkpoint that is being replaced, carry these marks in their names. */
const WRITING = '.writing-';
const REPLACED = '.replaced';

/**
 * Publishes a checkpoint folder: `write` fills a new folder beside it, everything in it is brought to the disk,
 * then it is renamed. A folder cannot be replaced in one step, so the old one is moved aside first; should the
 * process die between the two renames, {@link findCheckpoint} finds the old one there.
 *
 * @param path final name, for example `checkpoints/tiny/latest`
 * @param write writes the files into the folder that it is given
 */
export async function publishCheckpoint(
  path: string,
  write: (folder: string) => Promise<void>,
): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  removeRemains(path);
  const writing = `${path}${WRITING}${randomUUID()}`;
  mkdirSync(writing);
  try {
    await write(writing);
    for (const name of readdirSync(writing)) syncPath(join(writing, name));
    syncPath(writing);
  } catch (error) {
    rmSync(writing, { recursive: true, force: true });
    throw error;
  }
  const replaced = `${path}${REPLACED}`;
  if (existsSync(path)) {
    rmSync(replaced, { recursive: true, force: true });
    renameSync(path, replaced);
  }
  renameSync(writing, path);
  syncPath(dirname(path));
  rmSync(replaced, { recursive: true, force: true });
}

/** Names that the Python project gives its files, and what they are here (spec 5, 8.1). */
const ALIASES: Readonly<Record<string, string>> = {
  'best.pt': 'best',
  'best_model.pt': 'best',
  'latest.pt': 'latest',
  'final_model.pt': 'latest',
};

/**
 * Finds a checkpoint by path, or by name within the folder of the run.
 *
 * @param runFolder `checkpoints/{run}`
 * @param name `best`, `latest`, `epoch_3`, one of the Python project's names, or a path
 * @throws InputError when there is none, naming those that exist
 */
export function findCheckpoint(runFolder: string, name: string): string {
  const plain =
    ALIASES[basename(name)] ?? basename(name).replace(/^(?:checkpoint_)?(epoch_\d+)(?:\.pt)?$/, '$1');
  const parent = dirname(name) === '.' && !name.startsWith('./') ? runFolder : dirname(name);
  const candidates = [name, join(parent, plain)];
  for (const candidate of candidates) {
    if (existsSync(join(candidate, 'state.json'))) return candidate;
  }
  for (const candidate of candidates) {
    const replaced = `${candidate}${REPLACED}`;
    if (existsSync(join(replaced, 'state.json'))) {
      renameSync(replaced, candidate);
      return candidate;
    }
  }
  const present = listCheckpoints(parent);
  throw new InputError({
    what: `there is no checkpoint '${name}'`,
    where: { file: join(parent, plain) },
    remedy:
      present.length > 0
        ? `choose one of ${present.join(', ')}`
        : 'train first with: pnpm retail-train, or give the path of a checkpoint folder',
  });
}

/**
 * The run whose checkpoints were written last.
 *
 * @throws InputError when there is none
 */
export function newestRun(checkpoints: string): string {
  const runs = (existsSync(checkpoints) ? readdirSync(checkpoints) : []).flatMap((run) =>
    listCheckpoints(join(checkpoints, run)).map((name) => ({
      run,
      time: statSync(join(checkpoints, run, name, 'state.json')).mtimeMs,
    })),
  );
  const [newest] = runs.sort((left, right) => right.time - left.time);
  if (newest !== undefined) return newest.run;
  throw new InputError({
    what: 'there are no checkpoints',
    where: { file: checkpoints },
    remedy: 'train first with: pnpm retail-train, or name their folder with --checkpoints',
  });
}

/** Complete checkpoints of a run, by name. */
export function listCheckpoints(runFolder: string): readonly string[] {
  if (!existsSync(runFolder)) return [];
  if (!statSync(runFolder).isDirectory()) return [];
  return readdirSync(runFolder)
    .filter((name) => !name.includes(WRITING) && !name.endsWith(REPLACED))
    .filter((name) => existsSync(join(runFolder, name, 'state.json')))
    .sort();
}

/** Removes what a process that was killed left behind while it wrote this checkpoint. */
function removeRemains(path: string): void {
  const folder = dirname(path);
  for (const name of readdirSync(folder)) {
    if (name.startsWith(`${basename(path)}${WRITING}`))
      rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function syncPath(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
