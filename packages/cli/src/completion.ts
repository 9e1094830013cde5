import type { Command } from './command.js';
import { commonOptions } from './common-options.js';
import { flagName, type OptionRecord } from './option.js';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

interface Completion {
  readonly flag: string;
  readonly description: string;
  readonly takesValue: boolean;
  readonly values: readonly string[] | 'file' | 'folder' | undefined;
}

function completionsOf(options: OptionRecord): readonly Completion[] {
  return Object.entries({ ...commonOptions, ...options } satisfies OptionRecord).map(
    ([name, definition]) => ({
      flag: `--${flagName(name)}`,
      description: definition.description.replaceAll("'", ''),
      takesValue: definition.kind !== 'flag',
      values: definition.completion,
    }),
  );
}

/** A completion script for a command; `source` it, or put it where the shell looks. */
export function completionScript(command: Command, shell: Shell): string {
  if (shell === 'bash') return bash(command);
  return shell === 'zsh' ? zsh(command) : fish(command);
}

/** A command and its subcommands, each with the words before it: none for the command itself. */
const scopesOf = (command: Command): readonly { readonly name: string; readonly options: OptionRecord }[] => [
  { name: '', options: command.options },
  ...command.subcommands.map(({ name, options }) => ({ name, options })),
];

function bash(command: Command): string {
  const names = command.subcommands.map(({ name }) => name);
  const scopes = scopesOf(command).map(({ name, options }) => ({
    name,
    completions: completionsOf(options),
  }));
  const values = scopes.flatMap(({ name, completions }) =>
    completions
      .filter(({ takesValue }) => takesValue)
      .map((option) => `    '${name} ${option.flag}') COMPREPLY=(${bashValues(option.values)}); return ;;`),
  );
  const words = scopes.map(({ name, completions }) => {
    const offered = [...(name === '' ? names : []), ...completions.map(({ flag }) => flag), '--help'];
    return `    '${name}') COMPREPLY=($(compgen -W '${offered.join(' ')}' -- "$word")) ;;`;
  });
  const function_ = `_${command.name.replaceAll('-', '_')}`;
  return [
    `${function_}() {`,
    `  local word="$2" before="$3" scope=''`,
    ...(names.length > 0
      ? [
          '  if (( COMP_CWORD > 1 )); then',
          `    case "\${COMP_WORDS[1]}" in ${names.join('|')}) scope="\${COMP_WORDS[1]}" ;; esac`,
          '  fi',
        ]
      : []),
    '  case "$scope $before" in',
    ...values,
    '  esac',
    '  case "$scope" in',
    ...words,
    '  esac',
    '}',
    `complete -F ${function_} ${command.name}`,
    '',
  ].join('\n');
}

function bashValues(values: Completion['values']): string {
  if (values === 'file') return '$(compgen -f -- "$word")';
  if (values === 'folder') return '$(compgen -d -- "$word")';
  return values === undefined ? '' : `$(compgen -W '${values.join(' ')}' -- "$word")`;
}

function zsh(command: Command): string {
  const names = command.subcommands.map(({ name }) => name).join(' ');
  const first = names === '' ? [] : [`'1:command:(${names})'`];
  const call = (options: OptionRecord): string =>
    [
      '_arguments',
      ...[...first, ...completionsOf(options).map(zshArgument)].map((line) => `    ${line}`),
    ].join(' \\\n');
  const cases = command.subcommands.map(({ name, options }) => `  ${name}) ${call(options)} ;;`);
  return [
    `#compdef ${command.name}`,
    ...(names === ''
      ? [call(command.options)]
      : ['case "$words[2]" in', ...cases, `  *) ${call(command.options)} ;;`, 'esac']),
    '',
  ].join('\n');
}

function zshArgument({ flag, description, takesValue, values }: Completion): string {
  const action = Array.isArray(values)
    ? `(${values.join(' ')})`
    : values === 'folder'
      ? '_files -/'
      : '_files';
  const value = takesValue ? `:value:${values === undefined ? '' : action}` : '';
  return `'${flag}[${description.replaceAll(/[[\]:]/g, '')}]${value}'`;
}

function fish(command: Command): string {
  const names = command.subcommands.map(({ name }) => name).join(' ');
  const lines = scopesOf(command).flatMap(({ name, options }) => {
    const scope =
      names === ''
        ? ''
        : name === ''
          ? ` -n 'not __fish_seen_subcommand_from ${names}'`
          : ` -n '__fish_seen_subcommand_from ${name}'`;
    return completionsOf(options).map(({ flag, description, takesValue, values }) => {
      const value = Array.isArray(values) ? ` -a '${values.join(' ')}'` : '';
      const exclusive = takesValue ? (values === 'file' || values === 'folder' ? ' -r' : ' -x') : '';
      return `complete -c ${command.name}${scope} -l ${flag.slice(2)}${exclusive}${value} -d '${description}'`;
    });
  });
  const subcommands = command.subcommands.map(
    ({ name, summary }) =>
      `complete -c ${command.name} -n __fish_use_subcommand -f -a ${name} -d '${summary.replaceAll("'", '')}'`,
  );
  return `${[...subcommands, ...lines].join('\n')}\n`;
}
