import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RUNTIME_KINDS, type RuntimeKind, readRuntimeManifest } from '@retail-sim/world-model';
import { PARTIAL } from '../setup/set-up-runtime.js';

/** State of a native runtime's folder; whether it works is the device's report. */
export interface RuntimeReport {
  readonly kind: RuntimeKind;
  readonly folder: string;
  readonly state: 'set up' | 'not set up' | 'damaged';
  /** Version of TensorFlow, or what is wrong. */
  readonly detail: string;
  /** Whether a set-up was begun and not finished. */
  readonly unfinished: boolean;
}

export function runtimeReports(runtimes: string): RuntimeReport[] {
  return RUNTIME_KINDS.map((kind) => {
    const folder = join(runtimes, kind);
    const unfinished = existsSync(join(runtimes, PARTIAL, kind));
    if (!existsSync(folder)) return { kind, folder, state: 'not set up', detail: '', unfinished };
    try {
      const { tensorflowVersion } = readRuntimeManifest(folder, kind);
      return { kind, folder, state: 'set up', detail: `TensorFlow ${tensorflowVersion}`, unfinished };
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      return { kind, folder, state: 'damaged', detail, unfinished };
    }
  });
}
