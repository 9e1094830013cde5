import { open } from 'node:fs/promises';
import { publishFile } from '@retail-sim/artifacts/publish-file';
import { byteLength, ELEMENT_BITS, type ElementType } from './element-types.js';
import { formatHeader, type TensorEntry } from './header.js';

/** A tensor to write. Its data is asked for when its turn comes, so that only one needs to be in memory. */
export interface TensorToWrite {
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** The elements, row-major: a typed array on a little-endian machine has the right bytes. */
  readonly data: () => ArrayBufferView | Promise<ArrayBufferView>;
}

/**
 * Writes a safetensors file; it appears under its name when it is complete. Equal tensors give equal bytes, whatever
 * their order: wider types come first, so that each tensor is aligned, and names in alphabetical order.
 *
 * @throws Error when a tensor's data doesn't have the length of its type and shape
 */
export async function writeSafetensors(
  file: string,
  tensors: ReadonlyMap<string, TensorToWrite>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const ordered = [...tensors].sort(
    ([nameA, a], [nameB, b]) =>
      ELEMENT_BITS[b.type] - ELEMENT_BITS[a.type] || (nameA < nameB ? -1 : Number(nameA > nameB)),
  );
  const entries = layOut(ordered);
  const sortedMetadata = Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)));
  await publishFile(file, async (temporary) => {
    await using handle = await open(temporary, 'w');
    await handle.writeFile(formatHeader({ metadata: sortedMetadata, tensors: entries }));
    for (const [name, { data }] of ordered) {
      const values = await data();
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      const { begin = 0, end = 0 } = entries.get(name) ?? {};
      if (bytes.length !== end - begin) {
        throw new Error(`tensor '${name}' has ${bytes.length} bytes, its type and shape need ${end - begin}`);
      }
      await handle.writeFile(bytes);
    }
  });
}

function layOut(tensors: readonly (readonly [string, TensorToWrite])[]): Map<string, TensorEntry> {
  const entries = new Map<string, TensorEntry>();
  let begin = 0;
  for (const [name, { type, shape }] of tensors) {
    const length = byteLength(type, shape);
    if (length === undefined || name === '__metadata__') {
      throw new Error(`tensor '${name}': ${type} [${shape.join(', ')}] can't be stored`);
    }
    entries.set(name, { type, shape, begin, end: begin + length });
    begin += length;
  }
  return entries;
}
