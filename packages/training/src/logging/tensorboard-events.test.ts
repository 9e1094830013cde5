import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { crc32c, maskedCrc32c } from './crc32c.js';
import { encodeScalars, openEventFile } from './tensorboard-events.js';

/** Reads the frames of a TFRecord file back, checking both checksums. */
function readRecords(bytes: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(offset));
    expect(bytes.readUInt32LE(offset + 8)).toBe(maskedCrc32c(bytes.subarray(offset, offset + 8)));
    const payload = bytes.subarray(offset + 12, offset + 12 + length);
    expect(bytes.readUInt32LE(offset + 12 + length)).toBe(maskedCrc32c(payload));
    records.push(payload);
    offset += 12 + length + 4;
  }
  return records;
}

describe('TensorBoard event files', () => {
  it('use CRC-32C: the test vectors of RFC 3720', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, byte) => byte))).toBe(0x46dd794e);
  });

  it('encode an event as the protobuf wire format says', () => {
    expect(Buffer.from(encodeScalars(1, 300, { a: 0.5 })).toString('hex')).toBe(
      ['09000000000000f03f', '10ac02', '2a0a', '0a08', '0a0161', '150000003f'].join(''),
    );
  });

  it('frame a version record and one record for each call, and leave out what is not finite', () => {
    const folder = mkdtempSync(join(tmpdir(), 'events-'));
    const events = openEventFile(folder, () => 1_700_000_000);
    events.scalars(1, { 'loss/total': 2.5 });
    events.scalars(2, { 'loss/total': Number.NaN });
    events.scalars(3, { 'loss/total': 2, 'learning rate': Number.POSITIVE_INFINITY });
    events.close();
    const records = readRecords(readFileSync(events.path));
    expect(records).toHaveLength(3);
    expect(records[0]?.toString('latin1')).toContain('brain.Event:2');
    expect(records[2]?.toString('latin1')).not.toContain('learning rate');
  });
});
