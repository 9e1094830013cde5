import type { CommandContext } from '@retail-sim/cli';
import type { RuntimeKind } from '@retail-sim/world-model';
import type { RuntimeSource } from './runtime-source.js';

/** What every step of a set-up works on. */
export interface SetUpContext extends Pick<CommandContext, 'log' | 'progress' | 'signal'> {
  readonly kind: RuntimeKind;
  readonly source: RuntimeSource;
  /** Folder in which the runtime grows, `<runtimes>/partial/<kind>`; renamed when it is complete. */
  readonly folder: string;
}

/** One step of a set-up, a file of this folder each. */
export interface SetUpStep {
  readonly title: string;
  /** Bytes that it downloads, and that it leaves on disk. */
  readonly downloadBytes: number;
  readonly diskBytes: number;
  /** Whether an earlier run has done it; looks at results, not at notes. */
  readonly isDone: (context: SetUpContext) => Promise<boolean>;
  readonly run: (context: SetUpContext) => Promise<void>;
}
