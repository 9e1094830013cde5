import { rmSync } from 'node:fs';

const temporaryFiles = new Set<string>();
let watching = false;

/** Files that are removed when the process ends before their writer has dealt with them. */
export function trackTemporary(path: string): void {
  if (!watching) {
    process.once('exit', () => {
      for (const left of temporaryFiles) rmSync(left, { force: true });
    });
    watching = true;
  }
  temporaryFiles.add(path);
}

export function forgetTemporary(path: string): void {
  temporaryFiles.delete(path);
}
