import type { Html } from './html.js';

/** One part of the report. */
export interface Section {
  /** Anchor of the heading. */
  readonly id: string;
  readonly title: string;
  readonly body: Html;
  /** What a reader should take away, one sentence; the report and the terminal open with these. */
  readonly finding: string | undefined;
}
