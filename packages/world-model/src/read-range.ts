import type { FileHandle } from 'node:fs/promises';

/** Some systems read at most 2 GiB at once. */
const LARGEST_READ = 2 ** 30;

/**
 * Bytes of a file from a position on.
 *
 * @param endsAt makes the error for a file that ends too early, at this byte
 */
export async function readRange(
  handle: FileHandle,
  position: number,
  length: number,
  endsAt: (byte: number) => Error,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(
      bytes,
      done,
      Math.min(length - done, LARGEST_READ),
      position + done,
    );
    if (bytesRead === 0) throw endsAt(position + done);
    done += bytesRead;
  }
  return bytes;
}
