// Sorts records by week without holding them: records of fixed size go to a scratch file in pieces of one week each, in the
// order of arrival, and come back week by week.

import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';

/** Bytes of a week that are collected before they go to disk. */
const PIECE_BYTES = 64 * 1024;

export interface WeekPartitions extends Disposable {
  /** Where the next record of the week is to be written: `bytes[offset]` up to `bytes[offset + recordBytes]`. */
  place(week: number): { readonly view: DataView; readonly offset: number };
  /** All records of a week in the order of arrival. */
  read(week: number): { readonly view: DataView; readonly records: number };
  /** Weeks with records, ascending. */
  weeks(): number[];
}

interface WeekBuffer {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  used: number;
  readonly pieces: { readonly position: number; readonly length: number }[];
}

/** Opens partitions over a scratch file, which is removed at the end. */
export function weekPartitions(scratchFile: string, recordBytes: number): WeekPartitions {
  const file = openSync(scratchFile, 'w+');
  const pieceBytes = Math.max(1, Math.floor(PIECE_BYTES / recordBytes)) * recordBytes;
  const weeks = new Map<number, WeekBuffer>();
  let end = 0;

  function flush(week: WeekBuffer): void {
    writeFully(file, week.bytes.subarray(0, week.used), end);
    week.pieces.push({ position: end, length: week.used });
    end += week.used;
    week.used = 0;
  }

  return {
    place(number) {
      let week = weeks.get(number);
      if (week === undefined) {
        const bytes = new Uint8Array(pieceBytes);
        week = { bytes, view: new DataView(bytes.buffer), used: 0, pieces: [] };
        weeks.set(number, week);
      }
      if (week.used === pieceBytes) flush(week);
      const offset = week.used;
      week.used += recordBytes;
      return { view: week.view, offset };
    },
    read(number) {
      const week = weeks.get(number);
      if (week === undefined) return { view: new DataView(new ArrayBuffer(0)), records: 0 };
      const stored = week.pieces.reduce((sum, { length }) => sum + length, 0);
      const bytes = new Uint8Array(stored + week.used);
      let filled = 0;
      for (const { position, length } of week.pieces) {
        readFully(file, bytes.subarray(filled, filled + length), position);
        filled += length;
      }
      bytes.set(week.bytes.subarray(0, week.used), filled);
      return { view: new DataView(bytes.buffer), records: bytes.length / recordBytes };
    },
    weeks: () => [...weeks.keys()].sort((a, b) => a - b),
    [Symbol.dispose]() {
      closeSync(file);
      rmSync(scratchFile, { force: true });
    },
  };
}

function writeFully(file: number, bytes: Uint8Array, position: number): void {
  let written = 0;
  while (written < bytes.length) {
    written += writeSync(file, bytes, written, bytes.length - written, position + written);
  }
}

function readFully(file: number, target: Uint8Array, position: number): void {
  let filled = 0;
  while (filled < target.length) {
    const read = readSync(file, target, filled, target.length - filled, position + filled);
    if (read === 0) throw new Error('the scratch file ends before its contents do');
    filled += read;
  }
}
