import type { Log } from './log.js';
import type { OptionRecord, OptionValues } from './option.js';
import type { Progress } from './progress.js';
import type { Terminal } from './terminal.js';

/** What every command is given besides its own options. */
export interface CommandContext {
  readonly log: Log;
  readonly progress: Progress;
  readonly terminal: Terminal;
  /** Aborted by the first SIGINT or SIGTERM: finish what is being written, then return. */
  readonly signal: AbortSignal;
  readonly threads: number;
  readonly seed: number;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** The config file that was read; `given` where the user named it. */
  readonly config: { readonly file: string; readonly given: boolean } | undefined;
  /** The command line as it was typed, for manifests. */
  readonly commandLine: readonly string[];
}

/** What a command prints on stdout: the data with `--json`, the text without. */
export interface CommandResult {
  readonly data: unknown;
  readonly text: string;
}

export interface Argument {
  /** As shown in `--help`, for example `BASKET_ID`. */
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
}

export interface Command<Options extends OptionRecord = OptionRecord> {
  /** As typed: `retail-data-pipeline`, or `describe` for a subcommand. */
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** Key of the config file under which this command's options stand; by default its name without `retail-`. */
  readonly section: string;
  readonly options: Options;
  readonly arguments: readonly Argument[];
  /** Command lines that work, each with what it does. */
  readonly examples: readonly { readonly command: string; readonly does: string }[];
  readonly subcommands: readonly Command[];
  /** Runs the command. What it throws is reported and sets the exit code; subcommands alone may leave it out. */
  readonly run:
    | ((
        context: CommandContext,
        options: OptionValues<Options>,
        values: readonly string[],
      ) => Promise<CommandResult | undefined> | CommandResult | undefined)
    | undefined;
}

interface CommandDetails<Options extends OptionRecord> {
  readonly name: string;
  readonly summary: string;
  readonly section?: string;
  readonly options: Options;
  readonly arguments?: readonly Argument[];
  readonly examples: readonly { readonly command: string; readonly does: string }[];
  readonly subcommands?: readonly Command[];
  readonly run?: (
    context: CommandContext,
    options: OptionValues<Options>,
    values: readonly string[],
  ) => Promise<CommandResult | undefined> | CommandResult | undefined;
}

/** Defines a command; the runner does the rest. */
export function defineCommand<const Options extends OptionRecord>(details: CommandDetails<Options>): Command {
  const { run } = details;
  return {
    name: details.name,
    summary: details.summary,
    section: details.section ?? details.name.replace(/^retail-/, ''),
    options: details.options,
    arguments: details.arguments ?? [],
    examples: details.examples,
    subcommands: details.subcommands ?? [],
    // The runner calls `run` with what these very options parsed to.
    run:
      run === undefined
        ? undefined
        : (context, options, values) => run(context, options as OptionValues<Options>, values),
  };
}
