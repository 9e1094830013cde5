import { readFileSync } from 'node:fs';
import { ExitCode, InputError } from '@retail-sim/errors';
import { CommanderError, Command as Program, Option as ProgramOption } from 'commander';
import { z } from 'zod';
import type { Command, CommandContext } from './command.js';
import { commonOptions } from './common-options.js';
import { completionScript, SHELLS } from './completion.js';
import { createLog } from './log.js';
import { flagName, type Option, type OptionRecord } from './option.js';
import { type FlagValues, parseOptions } from './parse-options.js';
import { createProgress } from './progress.js';
import { reportError } from './report-error.js';
import { processTerminal, type Terminal } from './terminal.js';

/** Printed below the options of every `--help`. */
const EXIT_CODES = 'Exit codes: 0 ok, 1 failure, 2 bad input or usage';

export interface RunOptions {
  readonly version: string;
  readonly terminal?: Terminal;
  readonly signal?: AbortSignal;
}

/**
 * Runs a command on the arguments after its name and returns the exit code. Nothing it does ends the process:
 * {@link main} does.
 */
export async function runCommand(
  command: Command,
  argv: readonly string[],
  options: RunOptions,
): Promise<ExitCode> {
  const terminal = options.terminal ?? processTerminal();
  const signal = options.signal ?? new AbortController().signal;
  let exitCode: ExitCode = ExitCode.ok;
  const program = programOf(command, terminal, async (chosen, flags, values) => {
    exitCode = await execute(chosen, flags, values, { terminal, signal, argv });
  });
  program.version(options.version, '--version', 'print the version');
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportError(terminal, error, argv.includes('--verbose'));
    return error.exitCode === 0 ? ExitCode.ok : usageError(terminal, error);
  }
}

/** The version in the package.json of a command's package, seen from its compiled file. */
export function packageVersion(moduleUrl: string): string {
  const content: unknown = JSON.parse(readFileSync(new URL('../package.json', moduleUrl), 'utf8'));
  return z.object({ version: z.string() }).parse(content).version;
}

/**
 * Entry point of every command: runs it on this process's arguments, turns signals into an abort, and exits.
 * A second signal ends the process at once.
 */
export async function main(command: Command, version: string): Promise<never> {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(ExitCode.failure);
    process.stderr.write(`\n${name}: finishing what is being written; a second signal ends at once\n`);
    controller.abort(new Error(`stopped by ${name}`));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader of a pipe has gone (`| head`): nobody is left to print for.
    if (error.code === 'EPIPE') process.exit(ExitCode.ok);
    throw error;
  });
  const exitCode = await runCommand(command, process.argv.slice(2), { version, signal: controller.signal });
  await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
  process.exit(exitCode);
}

type Chosen = (command: Command, flags: FlagValues, values: readonly string[]) => Promise<void>;

function programOf(command: Command, terminal: Terminal, chosen: Chosen): Program {
  const program = new Program(command.name)
    .description(command.summary)
    .exitOverride()
    .allowExcessArguments(false)
    .showSuggestionAfterError(true)
    .configureHelp({ helpWidth: 100, sortOptions: false })
    .configureOutput({ writeOut: terminal.out, writeErr: () => {}, getOutHasColors: () => false })
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', helpTail(command));
  addOptions(program, command.options);
  addOptions(program, commonOptions);
  program.addOption(
    new ProgramOption('--completion <SHELL>', 'print a completion script').choices([...SHELLS]),
  );
  for (const { name, description, required } of command.arguments) {
    program.argument(required ? `<${name}>` : `[${name}]`, description);
  }
  for (const subcommand of command.subcommands) {
    program.addCommand(programOf(subcommand, terminal, chosen));
  }
  if (command.subcommands.length > 0) program.helpCommand(false).enablePositionalOptions();
  program.action(async (...received: unknown[]) => {
    const flags = program.opts<FlagValues>();
    const values = received.slice(0, command.arguments.length).filter((value) => typeof value === 'string');
    await chosen(command, flags, values);
  });
  return program;
}

function addOptions(program: Program, options: OptionRecord): void {
  for (const [name, definition] of Object.entries(options)) {
    for (const programOption of programOptionsOf(name, definition)) program.addOption(programOption);
  }
}

function programOptionsOf(name: string, definition: Option<unknown>): readonly ProgramOption[] {
  const flag = flagName(name);
  const shown =
    definition.shownDefault === undefined
      ? definition.description
      : `${definition.description} (default: ${definition.shownDefault})`;
  if (definition.kind === 'flag') {
    return [new ProgramOption(`--${flag}`, shown), new ProgramOption(`--no-${flag}`).hideHelp()];
  }
  const own = new ProgramOption(`--${flag} <${definition.placeholder}>`, shown);
  if (definition.kind === 'list') {
    own.argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text]);
  }
  // An alias fills the option that it stands for.
  const aliases = definition.aliases.map((alias) =>
    Object.assign(new ProgramOption(`--${alias} <${definition.placeholder}>`).hideHelp(), {
      attributeName: () => name,
    }),
  );
  return [Object.assign(own, { attributeName: () => name }), ...aliases];
}

function helpTail(command: Command): string {
  const examples = command.examples.flatMap(({ command: line, does }) => [`  # ${does}`, `  $ ${line}`]);
  return ['', ...(examples.length > 0 ? ['Examples:', ...examples, ''] : []), EXIT_CODES].join('\n');
}

async function execute(
  command: Command,
  flags: FlagValues,
  values: readonly string[],
  { terminal, signal, argv }: { terminal: Terminal; signal: AbortSignal; argv: readonly string[] },
): Promise<ExitCode> {
  let verbose = flags['verbose'] === true;
  try {
    const shell = SHELLS.find((name) => name === flags['completion']);
    if (shell !== undefined) {
      terminal.out(completionScript(command, shell));
      return ExitCode.ok;
    }
    if (command.run === undefined) {
      const names = command.subcommands.map(({ name }) => name).join(', ');
      throw new InputError({
        what: `${command.name} needs a command`,
        remedy: `choose one of ${names}; see --help`,
      });
    }
    const parsed = parseOptions(command.options, command.section, flags);
    const context = contextOf(parsed, terminal, signal, [command.name, ...argv]);
    verbose = context.verbose;
    const result = await command.run(context, parsed, values);
    if (result !== undefined) {
      terminal.out(context.json ? `${JSON.stringify(result.data, null, 2)}\n` : ensureLineBreak(result.text));
    }
    return ExitCode.ok;
  } catch (error) {
    if (signal.aborted && error === signal.reason) {
      terminal.err('stopped; what was finished is kept, nothing is half-written\n');
      return ExitCode.failure;
    }
    return reportError(terminal, error, verbose);
  }
}

function contextOf(
  parsed: Readonly<Record<string, unknown>>,
  terminal: Terminal,
  signal: AbortSignal,
  commandLine: readonly string[],
): CommandContext {
  const quiet = parsed['quiet'] === true;
  const verbose = parsed['verbose'] === true;
  const progress = createProgress(terminal, quiet);
  return {
    log: createLog(terminal, progress, { quiet, verbose }),
    progress,
    terminal,
    signal,
    threads: Number(parsed['threads']),
    seed: Number(parsed['seed']),
    json: parsed['json'] === true,
    quiet,
    verbose,
    commandLine,
  };
}

function usageError(terminal: Terminal, error: CommanderError): ExitCode {
  const [what = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const suggestion = rest.join(' ').replace(/^\(|\)$/g, '');
  const remedy =
    suggestion === '' ? 'see --help' : `${suggestion.charAt(0).toLowerCase()}${suggestion.slice(1)}`;
  return reportError(terminal, new InputError({ what, remedy }), false);
}

const ensureLineBreak = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);
