export {
  type Argument,
  type Command,
  type CommandContext,
  type CommandResult,
  defineCommand,
} from './command.js';
export { configOfSection } from './config-file.js';
export { formatBytes, formatDuration, formatNumber } from './format.js';
export type { Log } from './log.js';
export { flagName, type Option, type OptionRecord, type OptionValues, option } from './option.js';
export type { UsageMessage } from './parent-process.js';
export { createProgress, type Progress, type ProgressTask } from './progress.js';
export {
  PROGRESS_MESSAGES,
  PROGRESS_VARIABLE,
  type ProgressMessage,
  progressByMessages,
  relayProgress,
} from './progress-messages.js';
export { type ResourceReading, readResources } from './resource-reading.js';
export { main, packageVersion, type RunOptions, runCommand } from './run-command.js';
export { formatTable, type TableColumn } from './table.js';
export { processTerminal, styled, type Terminal } from './terminal.js';
