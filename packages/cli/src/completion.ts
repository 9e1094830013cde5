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

function bash(command: Command): string {
  const completions = completionsOf(command.options);
  const cases = completions
    .filter(({ takesValue }) => takesValue)
    .map(({ flag, values }) => `    ${flag}) COMPREPLY=(${bashValues(values)}); return ;;`);
  const words = [
    ...command.subcommands.map(({ name }) => name),
    ...completions.map(({ flag }) => flag),
    '--help',
  ];
  const function_ = `_${command.name.replaceAll('-', '_')}`;
  return [
    `${function_}() {`,
    `  local word="$2" before="$3"`,
    '  case "$before" in',
    ...cases,
    '  esac',
    `  COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$word"))`,
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
  const lines = completionsOf(command.options).map(({ flag, description, takesValue, values }) => {
    const action = Array.isArray(values)
      ? `(${values.join(' ')})`
      : values === 'folder'
        ? '_files -/'
        : '_files';
    return `  '${flag}[${description.replaceAll(/[[\]:]/g, '')}]${takesValue ? `:value:${values === undefined ? '' : action}` : ''}'`;
  });
  const names = command.subcommands.map(({ name }) => name).join(' ');
  const first = names === '' ? [] : [`  '1:command:(${names})'`];
  return [`#compdef ${command.name}`, `_arguments \\`, [...first, ...lines].join(' \\\n'), ''].join('\n');
}

function fish(command: Command): string {
  const lines = completionsOf(command.options).map(({ flag, description, takesValue, values }) => {
    const value = Array.isArray(values) ? ` -a '${values.join(' ')}'` : '';
    const exclusive = takesValue ? (values === 'file' || values === 'folder' ? ' -r' : ' -x') : '';
    return `complete -c ${command.name} -l ${flag.slice(2)}${exclusive}${value} -d '${description}'`;
  });
  const names = command.subcommands.map(
    ({ name, summary }) =>
      `complete -c ${command.name} -n __fish_use_subcommand -f -a ${name} -d '${summary.replaceAll("'", '')}'`,
  );
  return `${[...names, ...lines].join('\n')}\n`;
}
