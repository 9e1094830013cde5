import { existsSync, readFileSync } from 'node:fs';
import { InputError } from '@retail-sim/errors';
import { isMap, isScalar, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import { nearest } from './nearest.js';

/** Read when it is there and `--config` is not given. */
export const DEFAULT_CONFIG = 'configs/default.yaml';

/** Commands that a config file may have a section for. Sections of other commands are left to them. */
export const COMMAND_SECTIONS = [
  'sample-data',
  'compare',
  'data-pipeline',
  'feature-engineering',
  'build-tensors',
  'train',
  'evaluate',
  'export',
  'sim',
  'demo',
  'report',
  'setup',
  'doctor',
] as const;

/** Keys at the top of a config file that all commands share: seed, threads, the split and the folders. */
export const SHARED_KEYS = [
  'seed',
  'threads',
  'split',
  'raw',
  'processed',
  'features',
  'tensors',
  'checkpoints',
] as const;

export interface ConfigValue {
  readonly value: unknown;
  readonly line: number;
  readonly column: number;
}

/** Options that a config file sets, by option name, with where they stand. */
export interface ConfigValues {
  readonly file: string;
  readonly values: ReadonlyMap<string, ConfigValue>;
}

/**
 * Reads the options of one command from a config file: the shared keys that it knows, and its section.
 * Keys are written as flags or in camel case. YAML 1.2; JSON is a part of it.
 *
 * @param known option names of the command
 * @throws InputError for a missing file, a syntax error or an unknown key
 */
export function readConfigFile(file: string, section: string, known: readonly string[]): ConfigValues {
  const values = new Map<string, ConfigValue>();
  const lines = new LineCounter();
  const document = parseDocument(readText(file), { lineCounter: lines, uniqueKeys: true });
  const problem = document.errors[0];
  if (problem !== undefined) {
    const start = problem.linePos?.[0];
    throw new InputError({
      what: `not valid YAML: ${problem.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '')}`,
      where: { file, ...(start === undefined ? {} : { line: start.line, column: start.col }) },
      remedy: 'mend the file; the format is shown in configs/default.yaml',
    });
  }
  const root = document.contents;
  if (root === null) return { file, values };
  const at = (node: unknown): { line: number; column: number } => {
    const offset = (node as Node | null)?.range?.[0] ?? 0;
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  if (!isMap(root)) {
    throw new InputError({
      what: 'the top of a config file must be keys with values',
      where: { file, ...at(root) },
      remedy: 'write it as in configs/default.yaml',
    });
  }
  const take = (pair: Pair, names: readonly string[], scope: string): void => {
    const key = keyOf(pair);
    const name = camelCase(key);
    if (!names.includes(name)) throw unknownKey(file, at(pair.key), key, scope, names);
    const value: unknown = isNode(pair.value) ? pair.value.toJSON() : pair.value;
    values.set(name, { value, ...at(pair.value ?? pair.key) });
  };
  for (const pair of root.items) {
    const key = keyOf(pair);
    if (key === section) {
      if (isScalar(pair.value) && pair.value.value === null) continue;
      if (!isMap(pair.value)) {
        throw new InputError({
          what: `the section '${section}' must be keys with values`,
          where: { file, ...at(pair.value) },
          remedy: 'write it as in configs/default.yaml',
        });
      }
      for (const inner of pair.value.items) take(inner, known, `section '${section}'`);
    } else if ((SHARED_KEYS as readonly string[]).includes(camelCase(key))) {
      if (known.includes(camelCase(key)) && !values.has(camelCase(key))) take(pair, known, 'the top level');
    } else if (!(COMMAND_SECTIONS as readonly string[]).includes(key)) {
      throw unknownKey(file, at(pair.key), key, 'the top level', [...SHARED_KEYS, ...COMMAND_SECTIONS]);
    }
  }
  return { file, values };
}

/**
 * What a config file says to one command, as JSON: the shared keys and its section. Equal texts give equal runs.
 * A file that cannot be read or parsed gives an empty text: the command itself says what is wrong with it.
 */
export function configOfSection(file: string, section: string): string {
  try {
    const root: unknown = parseDocument(readFileSync(file, 'utf8')).toJS();
    if (typeof root !== 'object' || root === null) return '';
    // The number of threads changes no result.
    const wanted: readonly string[] = [...SHARED_KEYS.filter((key) => key !== 'threads'), section];
    return JSON.stringify(
      Object.entries(root).filter(([key]) => wanted.includes(key) || wanted.includes(camelCase(key))),
    );
  } catch {
    return '';
  }
}

/** The file that a command reads: the one named, else the default one where it exists. */
export function configFileOf(given: string | undefined): string | undefined {
  if (given !== undefined) return given;
  return existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : undefined;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new InputError({
      what: 'the config file cannot be read',
      where: { file },
      remedy: 'check the path after --config and the rights of the file',
      cause,
    });
  }
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

const keyOf = (pair: Pair): string => (isScalar(pair.key) ? String(pair.key.value) : String(pair.key));

const camelCase = (name: string): string =>
  name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

function unknownKey(
  file: string,
  where: { line: number; column: number },
  key: string,
  scope: string,
  names: readonly string[],
): InputError {
  const near = nearest(camelCase(key), names);
  return new InputError({
    what: `unknown key '${key}' in ${scope}`,
    where: { file, ...where },
    remedy: near === undefined ? `remove it; known keys: ${names.join(', ')}` : `did you mean '${near}'?`,
  });
}
