import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { MANIFEST_FILE } from '@retail-sim/artifacts';
import { InputError } from '@retail-sim/errors';
import { transactions } from '../schemas/transactions.js';

const TRANSACTIONS = /^transactions.*\.csv(\.gz)?$/;

export interface InputFiles {
  /** Weeks ascending; of an earlier run, its transactions.parquet. */
  readonly files: readonly string[];
  /** `time.csv` beside the files; null where there is none. */
  readonly calendar: string | null;
  /** Folder of an earlier run whose tables are taken over; null where raw files are read. */
  readonly ingested: string | null;
}

/**
 * Finds the raw files: a folder of `transactions*.csv[.gz]`, single files, or patterns with `*` and `?` in the file
 * name. Other files of a folder are left alone. A folder of an earlier run, or its transactions.parquet, stands for
 * what that run has read.
 *
 * @throws InputError when something named does not exist or nothing matches
 */
export async function findInputFiles(inputs: readonly string[], calendar?: string): Promise<InputFiles> {
  const ingested = await ingestedFolder(inputs);
  if (ingested !== null) {
    if (calendar !== undefined) {
      throw new InputError({
        what: 'was read with a calendar of its own: --calendar does not go with it',
        where: { file: ingested },
        remedy: 'leave --calendar out, or read the raw files again',
      });
    }
    return { files: [join(ingested, transactions.file)], calendar: null, ingested };
  }
  const found = (await Promise.all(inputs.map(expand))).flat();
  const files = [...new Set(found)].toSorted(byName);
  const folder = dirname(files[0] ?? '.');
  const beside = join(folder, 'time.csv');
  const weekly = files.filter((file) => /_\d{6}\.csv/.test(basename(file)));
  const whole = files.filter((file) => /^transactions\.csv/.test(basename(file)));
  if (weekly.length > 0 && whole.length > 0) {
    throw new InputError({
      what: 'both weekly files and a file of all weeks: every row would count twice',
      where: { file: whole[0] ?? folder },
      remedy: 'move one of them away, or name the files with --input',
    });
  }
  const twice = files.find((file) => files.includes(`${file}.gz`));
  if (twice !== undefined) {
    throw new InputError({
      what: 'is there twice, plain and as .gz: every row would count twice',
      where: { file: twice },
      remedy: 'delete one of the two',
    });
  }
  if (calendar !== undefined) return { files, calendar, ingested: null };
  return { files, calendar: (await exists(beside)) ? beside : null, ingested: null };
}

/** The folder of an earlier run, where the only input is one. */
async function ingestedFolder(inputs: readonly string[]): Promise<string | null> {
  const [input = ''] = inputs;
  if (inputs.some((other) => basename(other) === transactions.file) && inputs.length > 1) {
    throw new InputError({
      what: `${transactions.file} of an earlier run does not go together with other input`,
      remedy: 'name it alone, or name the raw files',
    });
  }
  if (inputs.length !== 1) return null;
  if (basename(input) === transactions.file) return (await exists(input)) ? dirname(input) : null;
  const isRun = (await exists(join(input, transactions.file))) && (await exists(join(input, MANIFEST_FILE)));
  return isRun && !(await readdir(input)).some((name) => TRANSACTIONS.test(name)) ? input : null;
}

/** By file name first: weekly files are in week order wherever they lie. */
function byName(a: string, b: string): number {
  const [left, right] = [basename(a), basename(b)];
  if (left !== right) return left < right ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

async function expand(input: string): Promise<string[]> {
  if (/[*?]/.test(basename(input))) return matching(input);
  const kind = await stat(input).catch(() => undefined);
  if (kind === undefined) {
    throw new InputError({
      what: 'does not exist',
      where: { file: input },
      remedy:
        'put the LGSR files into raw_data/, make some with retail-sample-data, or name them with --input',
    });
  }
  if (!kind.isDirectory()) return [input];
  const names = (await readdir(input)).filter((name) => TRANSACTIONS.test(name));
  if (names.length === 0) {
    throw new InputError({
      what: 'holds no transactions*.csv or transactions*.csv.gz',
      where: { file: input },
      remedy: 'put the LGSR files there, make some with retail-sample-data, or name them with --input',
    });
  }
  return names.map((name) => join(input, name));
}

async function matching(pattern: string): Promise<string[]> {
  const folder = dirname(pattern);
  const escaped = basename(pattern).replace(/[.+^${}()|[\]\\]/g, '\\$&');
  const expression = new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => expression.test(name)).map((name) => join(folder, name));
  if (files.length === 0) {
    throw new InputError({ what: 'matches no file', where: { file: pattern }, remedy: 'check the pattern' });
  }
  return files;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
