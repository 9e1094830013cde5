import { readFileSync } from 'node:fs';
import { ExitCode, InputError } from '@retail-sim/errors';
import { CommanderError, Command as Program, Option as ProgramOption } from 'commander';
import { z } from 'zod';
import type { Command, CommandContext } from './command.js';
import { commonOptions } from './common-options.js';
import { completionScript, SHELLS } from './completion.js';
import { configFileOf } from './config-file.js';
import { createLog } from './log.js';
import { flagName, type Option, type OptionRecord } from './option.js';
import { openParent } from './parent-process.js';
import { type FlagValues, parseOptions } from './parse-options.js';
import { createProgress, type Progress } from './progress.js';
import { reportError } from './report-error.js';
import { processTerminal, type Terminal } from './terminal.js';

/** Printed below the options of every `--help`. */
const EXIT_CODES = 'Exit codes: 0 ok, 1 failure, 2 bad input or usage';

export interface RunOptions {
  readonly version: string;
  readonly terminal?: Terminal;
  readonly signal?: AbortSignal;
  /** Where progress is shown; by default on the terminal. */
  readonly progress?: Progress;
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
  const surroundings = { terminal, signal, argv, progress: options.progress };
  const program = programOf(command, terminal, async (chosen, flags, values) => {
    exitCode = await execute(chosen, flags, values, surroundings);
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
 * A second signal ends the process at once; both exit with code 1.
 */
export async function main(command: Command, version: string): Promise<never> {
  const controller = new AbortController();
  const stop = (why: string): void => {
    if (controller.signal.aborted) process.exit(ExitCode.failure);
    process.stderr.write(`\n${why}: finishing what is being written; a second signal ends at once\n`);
    controller.abort(new Error(`stopped by ${why}`));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const parent = openParent(() => stop('end of the calling process'));
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader of a pipe has gone (`| head`): nobody is left to print for.
    if (error.code === 'EPIPE') process.exit(ExitCode.ok);
    throw error;
  });
  // What nobody reads any more is no reason to stop the work.
  process.stderr.on('error', () => {});
  const exitCode = await runCommand(command, process.argv.slice(2), {
    version,
    signal: controller.signal,
    ...(parent === undefined ? {} : { progress: parent.progress }),
  });
  await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
  await parent?.sendUsage();
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

interface Surroundings {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly argv: readonly string[];
  readonly progress: Progress | undefined;
}

async function execute(
  command: Command,
  flags: FlagValues,
  values: readonly string[],
  surroundings: Surroundings,
): Promise<ExitCode> {
  const { terminal, signal } = surroundings;
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
    const context = contextOf(command.name, parsed, surroundings);
    verbose = context.verbose;
    const result = await command.run(context, parsed, values);
    if (result !== undefined) {
      terminal.out(context.json ? `${JSON.stringify(result.data, null, 2)}\n` : ensureLineBreak(result.text));
    }
    return ExitCode.ok;
  } catch (error) {
    if (signal.aborted && isAbort(error, signal)) {
      terminal.err('stopped; what was finished is kept, nothing is half-written\n');
      return ExitCode.failure;
    }
    return reportError(terminal, error, verbose);
  }
}

/** Errors by which a stop shows itself: the reason of the signal, or what Node's own functions throw then. */
const isAbort = (error: unknown, signal: AbortSignal): boolean =>
  error === signal.reason || (error instanceof Error && error.name === 'AbortError');

function contextOf(
  name: string,
  parsed: Readonly<Record<string, unknown>>,
  { terminal, signal, argv, progress: progressElsewhere }: Surroundings,
): CommandContext {
  const given = typeof parsed['config'] === 'string' ? parsed['config'] : undefined;
  const file = configFileOf(given);
  const quiet = parsed['quiet'] === true;
  const verbose = parsed['verbose'] === true;
  const progress = progressElsewhere ?? createProgress(terminal, quiet);
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
    config: file === undefined ? undefined : { file, given: given !== undefined },
    commandLine: [name, ...argv],
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
