import type { FileHandle } from 'node:fs/promises';
import { InputError } from '@retail-sim/errors';
import { readRange } from '../read-range.js';

// PyTorch's archives are zip files whose entries are stored, not compressed (PKWARE APPNOTE 6.3: central directory,
// zip64). Only such entries are read.

/** Where the bytes of a stored entry lie. */
export interface ZipEntry {
  readonly name: string;
  readonly headerPosition: number;
  readonly size: number;
}

const END_RECORD = 0x06054b50;
const END_RECORD_BYTES = 22;
const LONGEST_COMMENT = 0xffff;
const ZIP64_LOCATOR = 0x07064b50;
const ZIP64_LOCATOR_BYTES = 20;
const ZIP64_END_RECORD = 0x06064b50;
const ZIP64_END_RECORD_BYTES = 56;
const CENTRAL_ENTRY = 0x02014b50;
const CENTRAL_ENTRY_BYTES = 46;
const LOCAL_HEADER = 0x04034b50;
const LOCAL_HEADER_BYTES = 30;
const ZIP64_FIELD = 1;
const SEE_ZIP64 = 0xffffffff;
const STORED = 0;
/** A directory of a million entries; larger ones are refused before they are allocated. */
const LARGEST_DIRECTORY = 2 ** 28;

/** All entries by name. @throws InputError when the file is no zip archive of stored entries */
export async function readZipEntries(handle: FileHandle, file: string): Promise<Map<string, ZipEntry>> {
  const { size } = await handle.stat();
  const directory = await readDirectory(handle, size, file);
  const view = viewOf(directory);
  const entries = new Map<string, ZipEntry>();
  for (let at = 0; at < directory.length; ) {
    if (at + CENTRAL_ENTRY_BYTES > directory.length || view.getUint32(at, true) !== CENTRAL_ENTRY) {
      throw notArchive(file, 'its directory is damaged');
    }
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const nameStart = at + CENTRAL_ENTRY_BYTES;
    const next = nameStart + nameLength + extraLength + view.getUint16(at + 32, true);
    if (next > directory.length) throw notArchive(file, 'its directory is damaged');
    const name = Buffer.from(directory.subarray(nameStart, nameStart + nameLength)).toString('utf8');
    if (view.getUint16(at + 10, true) !== STORED || (view.getUint16(at + 8, true) & 1) !== 0) {
      throw notArchive(file, `entry '${name}' is compressed or encrypted`);
    }
    const wide = wideNumbers(view, nameStart + nameLength, extraLength);
    const narrowSizes = [
      view.getUint32(at + 24, true),
      view.getUint32(at + 20, true),
      view.getUint32(at + 42, true),
    ];
    // The zip64 field holds those of the three that don't fit, in this order.
    const [uncompressed = 0, stored = 0, headerPosition = 0] = narrowSizes.map((narrow) =>
      narrow === SEE_ZIP64 ? (wide.shift() ?? Number.NaN) : narrow,
    );
    if (uncompressed !== stored || !(headerPosition + LOCAL_HEADER_BYTES + stored <= size)) {
      throw notArchive(file, `entry '${name}' lies outside the file`);
    }
    if (entries.has(name)) throw notArchive(file, `entry '${name}' is there twice`);
    entries.set(name, { name, headerPosition, size: stored });
    at = next;
  }
  return entries;
}

/** The bytes of an entry. */
export async function readZipEntry(handle: FileHandle, entry: ZipEntry, file: string): Promise<Uint8Array> {
  const header = viewOf(await readRange(handle, entry.headerPosition, LOCAL_HEADER_BYTES, cutShort(file)));
  if (header.getUint32(0, true) !== LOCAL_HEADER)
    throw notArchive(file, `entry '${entry.name}' has no header`);
  const start =
    entry.headerPosition + LOCAL_HEADER_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
  return readRange(handle, start, entry.size, cutShort(file));
}

async function readDirectory(handle: FileHandle, size: number, file: string): Promise<Uint8Array> {
  const tailStart = Math.max(0, size - END_RECORD_BYTES - LONGEST_COMMENT);
  const tail = viewOf(await readRange(handle, tailStart, size - tailStart, cutShort(file)));
  let at = tail.byteLength - END_RECORD_BYTES;
  while (at >= 0 && tail.getUint32(at, true) !== END_RECORD) at--;
  if (at < 0) throw notArchive(file, 'it has no zip directory');
  let [length, position] = [tail.getUint32(at + 12, true), tail.getUint32(at + 16, true)];
  const locatorAt = tailStart + at - ZIP64_LOCATOR_BYTES;
  const locator =
    locatorAt < 0
      ? undefined
      : viewOf(await readRange(handle, locatorAt, ZIP64_LOCATOR_BYTES, cutShort(file)));
  if (locator?.getUint32(0, true) === ZIP64_LOCATOR) {
    const recordAt = Number(locator.getBigUint64(8, true));
    if (recordAt + ZIP64_END_RECORD_BYTES > size)
      throw notArchive(file, 'its zip64 directory lies outside the file');
    const record = viewOf(await readRange(handle, recordAt, ZIP64_END_RECORD_BYTES, cutShort(file)));
    if (record.getUint32(0, true) !== ZIP64_END_RECORD)
      throw notArchive(file, 'its zip64 directory is damaged');
    [length, position] = [Number(record.getBigUint64(40, true)), Number(record.getBigUint64(48, true))];
  }
  if (length > LARGEST_DIRECTORY || position + length > size) {
    throw notArchive(file, 'its directory lies outside the file');
  }
  return readRange(handle, position, length, cutShort(file));
}

/** The 64-bit numbers of an entry's zip64 field. */
function wideNumbers(view: DataView, start: number, length: number): number[] {
  for (let at = start; at + 4 <= start + length; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== ZIP64_FIELD) continue;
    const count = Math.floor(Math.min(view.getUint16(at + 2, true), start + length - at - 4) / 8);
    return Array.from({ length: count }, (_, i) => Number(view.getBigUint64(at + 4 + i * 8, true)));
  }
  return [];
}

/** The error for an archive that ends too early. */
const cutShort = (file: string) => (): InputError => notArchive(file, 'it is cut short');

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function notArchive(file: string, why: string): InputError {
  return new InputError({
    what: `no archive of torch.save that can be read here: ${why}`,
    where: { file },
    remedy: 'save it again with torch.save of PyTorch 1.6 or later, or as safetensors',
  });
}
