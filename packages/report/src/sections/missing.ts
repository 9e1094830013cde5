import { html } from '../page/html.js';
import type { Section } from '../page/section.js';

/** What stands where a stage has not run yet. */
export function missingSection(id: string, title: string, command: string): Section {
  return {
    id,
    title,
    body: html`<p class="missing">Not there yet: run <code>pnpm ${command}</code>, then this report again.</p>`,
    finding: undefined,
  };
}
