import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export interface JsonLines {
  readonly write: (record: Readonly<Record<string, unknown>>) => void;
  readonly close: () => void;
}

/** Opens a log of one JSON object a line for appending; a resumed run goes on in the same file. */
export function openJsonLines(path: string): JsonLines {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'a');
  return {
    write: (record) => {
      writeSync(file, `${JSON.stringify(record)}\n`);
    },
    close: () => {
      fsyncSync(file);
      closeSync(file);
    },
  };
}
