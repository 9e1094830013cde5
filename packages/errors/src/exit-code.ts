/** Exit codes of every RetailSim command. */
export const ExitCode = {
  /** The command did what was asked. */
  ok: 0,
  /** Something failed that the user's input did not cause: disk, memory, a defect. */
  failure: 1,
  /** The input or the usage is wrong; nothing was written. */
  badInput: 2,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
