// Runs the whole flow once for all tests that look at its results. They must leave the folder as it is, or copy it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { runFlow } from './commands.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Folder in which `retail-sim demo` has run: raw_data, data, checkpoints, results, reports, logs. */
    preparedRun: string;
  }
}

let folder: string | undefined;

export function setup(project: TestProject): void {
  folder = mkdtempSync(join(tmpdir(), 'retail-sim-flow-'));
  const { status, stderr } = runFlow(folder, 'demo');
  if (status !== 0) throw new Error(`the flow failed:\n${stderr}`);
  project.provide('preparedRun', folder);
}

export function teardown(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}
