import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';

/** What tells one version of a file from another. `modified` only saves hashing: equal bytes are equal. */
export const fingerprintSchema = z.object({
  bytes: z.number().int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Milliseconds since 1970. */
  modified: z.number(),
});
export type Fingerprint = z.infer<typeof fingerprintSchema>;

/**
 * Size and SHA-256 of a file. A file whose size and modification time equal those of `known` is not read again.
 */
export async function fingerprint(path: string, known?: Fingerprint): Promise<Fingerprint> {
  const { size, mtimeMs } = await stat(path);
  if (known?.bytes === size && known.modified === mtimeMs) return known;
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash);
  return { bytes: size, sha256: hash.digest('hex'), modified: mtimeMs };
}

/** Whether two fingerprints are of equal bytes, whenever they were taken. */
export function sameContents(a: Fingerprint, b: Fingerprint): boolean {
  return a.bytes === b.bytes && a.sha256 === b.sha256;
}
