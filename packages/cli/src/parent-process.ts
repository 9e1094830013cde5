import type { Progress } from './progress.js';
import { PROGRESS_MESSAGES, PROGRESS_VARIABLE, progressByMessages } from './progress-messages.js';
import { readResources } from './resource-reading.js';

/** What a command took, sent to the process that asked for messages when the command has ended. */
export interface UsageMessage {
  readonly event: 'usage';
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

export interface ParentProcess {
  readonly progress: Progress;
  readonly sendUsage: () => Promise<void>;
}

/** The process that started this one and shows its progress; undefined where nobody asked for that. */
export function openParent(onGone: () => void): ParentProcess | undefined {
  if (process.send === undefined || process.env[PROGRESS_VARIABLE] !== PROGRESS_MESSAGES) return undefined;
  const send = process.send.bind(process);
  process.once('disconnect', onGone);
  return {
    progress: progressByMessages((message) => {
      if (process.connected) send(message);
    }),
    sendUsage: () =>
      new Promise((resolve) => {
        if (!process.connected) return resolve();
        send(usage(), undefined, undefined, () => resolve());
      }),
  };
}

function usage(): UsageMessage {
  const { cpuSeconds, peakBytes } = readResources();
  return { event: 'usage', cpuSeconds, peakBytes };
}
