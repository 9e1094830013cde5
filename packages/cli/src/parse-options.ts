import { InputError } from '@retail-sim/errors';
import { commonOptions } from './common-options.js';
import { type ConfigValues, configFileOf, readConfigFile } from './config-file.js';
import { flagName, type Option, type OptionRecord } from './option.js';

/** Flags as the command line gave them: text, a list of texts, or true and false. */
export type FlagValues = Readonly<Record<string, string | readonly string[] | boolean | undefined>>;

/**
 * Checks the options of a command: defaults, then the config file, then flags.
 *
 * @param section key of the config file for this command
 * @returns the parsed value of every option, by name
 * @throws InputError naming the flag or the place in the config file
 */
export function parseOptions(
  options: OptionRecord,
  section: string,
  flags: FlagValues,
): Readonly<Record<string, unknown>> {
  const all: OptionRecord = { ...commonOptions, ...options };
  const given = typeof flags['config'] === 'string' ? flags['config'] : undefined;
  const file = configFileOf(given);
  const names = Object.keys(all).filter((name) => name !== 'config');
  const config = file === undefined ? undefined : readConfigFile(file, section, names);
  const values: Record<string, unknown> = {};
  for (const [name, definition] of Object.entries(all)) {
    values[name] = parseOption(name, definition, flags[name], config);
  }
  return values;
}

function parseOption(
  name: string,
  definition: Option<unknown>,
  flag: FlagValues[string],
  config: ConfigValues | undefined,
): unknown {
  if (flag !== undefined) {
    const parsed = definition.schema.safeParse(fromFlag(definition, flag));
    if (parsed.success) return parsed.data;
    throw new InputError({
      what: `--${flagName(name)} ${shown(flag)}: ${reasonOf(parsed.error)}`,
      remedy: `give --${flagName(name)} ${definition.placeholder}; see --help`,
    });
  }
  const set = config?.values.get(name);
  const parsed = definition.schema.safeParse(set?.value);
  if (parsed.success) return parsed.data;
  if (config !== undefined && set !== undefined) {
    throw new InputError({
      what: `${flagName(name)}: ${reasonOf(parsed.error)}`,
      where: { file: config.file, line: set.line, column: set.column },
      remedy: `write ${flagName(name)}: ${definition.placeholder || 'true or false'}`,
    });
  }
  throw new InputError({
    what: `--${flagName(name)} is missing`,
    remedy: `give --${flagName(name)} ${definition.placeholder}; see --help`,
  });
}

function fromFlag(definition: Option<unknown>, flag: string | readonly string[] | boolean): unknown {
  if (typeof flag === 'boolean') return flag;
  if (definition.kind !== 'list')
    return definition.fromText(typeof flag === 'string' ? flag : (flag.at(-1) ?? ''));
  const texts = typeof flag === 'string' ? [flag] : flag;
  return texts.flatMap((text) => text.split(',').filter((part) => part !== '')).map(definition.fromText);
}

const shown = (flag: string | readonly string[] | boolean): string =>
  typeof flag === 'boolean' ? '' : [flag].flat().join(',');

/** The first complaint of a check, with its place inside a list. */
function reasonOf(error: {
  readonly issues: readonly { readonly path: PropertyKey[]; readonly message: string }[];
}): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'not valid';
  return issue.path.length > 0 ? `${issue.path.map(String).join('.')} ${issue.message}` : issue.message;
}
