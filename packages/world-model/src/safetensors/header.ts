import { InputError } from '@retail-sim/errors';
import { z } from 'zod';
import { byteLength, type ElementType, isElementType } from './element-types.js';
import { repeatedKey } from './repeated-key.js';

// A safetensors file: 8 bytes, the little-endian length N of the header; N bytes of JSON, padded with spaces;
// then the tensors' bytes. The header maps each name to its type, shape and range of bytes behind the header.

export interface TensorEntry {
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** First byte and the one behind the last, counted from the end of the header. */
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
}

export const LENGTH_BYTES = 8;
/** A larger header is refused before anything of its size is allocated. */
export const LARGEST_HEADER = 100_000_000;
const METADATA = '__metadata__';

const length = z.int().nonnegative();
const entrySchema = z.strictObject({
  dtype: z.custom<ElementType>(isElementType, 'no element type of the format'),
  shape: z.array(length),
  data_offsets: z.tuple([length, length]),
});
const metadataSchema = z.record(z.string(), z.string());

/**
 * Checks a header against everything the format demands: names only once, known types, ranges that fit type and shape and
 * cover all `dataBytes` bytes behind the header without gap or overlap.
 *
 * @throws InputError that names the file and the tensor
 */
export function parseHeader(bytes: Uint8Array, dataBytes: number, file: string): SafetensorsHeader {
  const refuse = (what: string, cause?: unknown): InputError =>
    new InputError({
      what,
      where: { file },
      remedy: 'write the file again; it is damaged or no safetensors file',
      ...(cause === undefined ? {} : { cause }),
    });
  if (bytes[0] !== 0x7b) throw refuse("its header doesn't start with '{'");
  const content = parseJson(bytes, refuse);
  const tensors = new Map<string, TensorEntry>();
  let metadata: Readonly<Record<string, string>> = {};
  for (const [name, value] of content) {
    if (name === METADATA) {
      const parsed = metadataSchema.safeParse(value);
      if (!parsed.success) throw refuse('its metadata is not a table of texts');
      metadata = parsed.data;
      continue;
    }
    const parsed = entrySchema.safeParse(value);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw refuse(`tensor '${name}': ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is malformed'}`);
    }
    const { dtype, shape, data_offsets } = parsed.data;
    const [begin, end] = data_offsets;
    const expected = byteLength(dtype, shape);
    if (expected === undefined || end - begin !== expected) {
      throw refuse(
        `tensor '${name}': ${dtype} [${shape.join(', ')}] can't lie in ${end - begin} bytes (${begin} to ${end})`,
      );
    }
    tensors.set(name, { type: dtype, shape, begin, end });
  }
  checkCoverage(tensors, dataBytes, refuse);
  return { metadata, tensors };
}

function parseJson(
  bytes: Uint8Array,
  refuse: (what: string, cause?: unknown) => InputError,
): readonly [string, unknown][] {
  let text: string;
  let content: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    content = JSON.parse(text);
  } catch (cause) {
    throw refuse('its header is not JSON in UTF-8', cause);
  }
  const repeated = repeatedKey(text);
  if (repeated !== undefined) throw refuse(`its header has '${repeated}' twice`);
  return Object.entries(Object(content));
}

function checkCoverage(
  tensors: ReadonlyMap<string, TensorEntry>,
  dataBytes: number,
  refuse: (what: string) => InputError,
): void {
  let covered = 0;
  const ordered = [...tensors].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  for (const [name, { begin, end }] of ordered) {
    if (begin !== covered) {
      const kind = begin < covered ? 'overlaps the one before it' : 'leaves a gap before it';
      throw refuse(`tensor '${name}': byte ${begin} ${kind} (next free byte: ${covered})`);
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    throw refuse(`its tensors take ${covered} bytes, but ${dataBytes} follow the header`);
  }
}

/** The bytes before the data: length and header, padded so that the data starts at a multiple of 8. */
export function formatHeader({ metadata, tensors }: SafetensorsHeader): Uint8Array {
  const content: Record<string, unknown> = Object.keys(metadata).length > 0 ? { [METADATA]: metadata } : {};
  for (const [name, { type, shape, begin, end }] of tensors) {
    content[name] = { dtype: type, shape, data_offsets: [begin, end] };
  }
  const json = Buffer.from(JSON.stringify(content));
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(LENGTH_BYTES + padded).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(json, LENGTH_BYTES);
  return bytes;
}
