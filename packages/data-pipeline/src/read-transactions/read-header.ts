import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { InputError } from '@retail-sim/errors';
import { RAW_COLUMNS, type RawColumn, type RawName } from './raw-columns.js';
import { splitFields } from './split-fields.js';

const MAX_HEADER_BYTES = 65_536;

export interface Header {
  /** Every column of the file, in its order: the raw column, or null where the pipeline has no use for it. */
  readonly columns: readonly (RawName | null)[];
  /** Lines of the file end with CR LF. */
  readonly crlf: boolean;
}

/**
 * Reads the first line of a raw file and finds the columns by name.
 *
 * @throws InputError naming every missing column
 */
export async function readHeader(file: string): Promise<Header> {
  const line = await firstLine(file);
  return parseHeader(line, file);
}

export function parseHeader(bytes: Buffer, file: string): Header {
  const text = bytes.toString('utf8').replace(/^\u{feff}/u, '');
  const crlf = text.endsWith('\r');
  const fields = splitFields(crlf ? text.slice(0, -1) : text);
  const where = { file, line: 1 };
  if (text.slice(0, -1).includes('\r')) {
    throw new InputError({
      what: 'lines end with CR alone',
      where,
      remedy: 'save the file with LF or CR LF line endings',
    });
  }
  if (fields === undefined) {
    throw new InputError({
      what: 'a quote of the header is not closed',
      where,
      remedy: 'correct the header',
    });
  }
  const columns = fields.map((field) => rawColumn(field));
  const required: readonly RawColumn[] = RAW_COLUMNS;
  const missing = required.filter(
    ({ name, optional }) => optional === undefined && !columns.some((found) => found === name),
  );
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(', ');
    throw new InputError({
      what: `the header lacks ${missing.length === 1 ? 'the column' : 'the columns'} ${names}`,
      where,
      remedy: 'name the columns as the LGSR files do, comma-separated, in any order',
    });
  }
  const twice = columns.find((name, index) => name !== null && columns.indexOf(name) !== index);
  if (twice !== undefined && twice !== null) {
    throw new InputError({
      what: `the header names ${twice} twice`,
      where,
      remedy: 'name every column once',
    });
  }
  return { columns, crlf };
}

function rawColumn(field: string): RawName | null {
  const name = field.trim().toUpperCase();
  const columns: readonly (RawColumn & { readonly name: RawName })[] = RAW_COLUMNS;
  return columns.find((column) => column.name === name || column.aliases?.includes(name))?.name ?? null;
}

async function firstLine(file: string): Promise<Buffer> {
  const raw = createReadStream(file, { highWaterMark: 16_384 });
  const stream = file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw;
  // A pipe does not carry the error of its source.
  raw.on('error', (error) => stream.destroy(error));
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of stream) {
      const bytes: Buffer = part;
      const end = bytes.indexOf(0x0a);
      parts.push(end < 0 ? bytes : bytes.subarray(0, end));
      length += bytes.length;
      if (end >= 0 || length > MAX_HEADER_BYTES) break;
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError({
      what: `cannot be read: ${reason}`,
      where: { file },
      remedy: 'check the file',
      cause,
    });
  } finally {
    raw.destroy();
  }
  const line = Buffer.concat(parts);
  if (line.length === 0) {
    throw new InputError({
      what: 'is empty: not even a header',
      where: { file },
      remedy: 'delete the file or fill it',
    });
  }
  return line;
}
