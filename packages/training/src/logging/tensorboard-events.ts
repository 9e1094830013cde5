import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { maskedCrc32c } from './crc32c.js';

/*
 * TensorBoard reads files of TFRecords: length (uint64), its CRC, the payload, its CRC. The payload is a
 * protobuf `tensorflow.Event`; scalars need four of its fields only:
 *   Event   1 wall_time double, 2 step int64, 3 file_version string, 5 summary Summary
 *   Summary 1 value Value (repeated);  Value 1 tag string, 2 simple_value float
 */

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

const key = (field: number, type: number): Uint8Array => varint(field * 8 + type);

/** Base-128 varint of a whole number up to 2^53 - 1. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

function double(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return bytes;
}

function float(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return bytes;
}

const delimited = (field: number, payload: Uint8Array): Uint8Array =>
  Buffer.concat([key(field, LENGTH_DELIMITED), varint(payload.length), payload]);

const text = (field: number, value: string): Uint8Array => delimited(field, Buffer.from(value, 'utf8'));

/** `tensorflow.Event` that opens every event file. */
export function encodeFileVersion(wallSeconds: number): Uint8Array {
  return Buffer.concat([key(1, FIXED64), double(wallSeconds), text(3, 'brain.Event:2')]);
}

/** `tensorflow.Event` with one scalar for each entry of `scalars`. */
export function encodeScalars(
  wallSeconds: number,
  step: number,
  scalars: Readonly<Record<string, number>>,
): Uint8Array {
  const values = Object.entries(scalars).map(([tag, value]) =>
    delimited(1, Buffer.concat([text(1, tag), key(2, FIXED32), float(value)])),
  );
  return Buffer.concat([
    key(1, FIXED64),
    double(wallSeconds),
    key(2, VARINT),
    varint(step),
    delimited(5, Buffer.concat(values)),
  ]);
}

/** Frames a payload as a TFRecord with both checksums. */
export function frameRecord(payload: Uint8Array): Uint8Array {
  const record = Buffer.alloc(12 + payload.length + 4);
  record.writeBigUInt64LE(BigInt(payload.length), 0);
  record.writeUInt32LE(maskedCrc32c(record.subarray(0, 8)), 8);
  record.set(payload, 12);
  record.writeUInt32LE(maskedCrc32c(payload), 12 + payload.length);
  return record;
}

export interface EventWriter {
  readonly path: string;
  /** Appends scalars; values that are not finite are left out, for TensorBoard draws nothing for them. */
  readonly scalars: (step: number, values: Readonly<Record<string, number>>) => void;
  readonly close: () => void;
}

/**
 * Opens a new event file in `folder`. Event files are append-only and a resumed run adds another one;
 * TensorBoard joins the files of a folder.
 *
 * @param now seconds since 1970, by default the clock
 */
export function openEventFile(folder: string, now: () => number = () => Date.now() / 1000): EventWriter {
  mkdirSync(folder, { recursive: true });
  const started = now();
  const path = join(folder, `events.out.tfevents.${Math.floor(started)}.${process.pid}.retail-sim`);
  const file = openSync(path, 'a');
  writeSync(file, frameRecord(encodeFileVersion(started)));
  return {
    path,
    scalars: (step, values) => {
      const finite = Object.fromEntries(Object.entries(values).filter(([, value]) => Number.isFinite(value)));
      if (Object.keys(finite).length > 0) writeSync(file, frameRecord(encodeScalars(now(), step, finite)));
    },
    close: () => {
      fsyncSync(file);
      closeSync(file);
    },
  };
}
