import { relative, resolve, sep } from 'node:path';
import { fingerprint, sameContents } from './fingerprint.js';
import type { ManifestInput } from './manifest.js';

/** A path as manifests write it: relative to the stage folder, with forward slashes. */
export function manifestPath(folder: string, path: string): string {
  return relative(resolve(folder), resolve(path)).split(sep).join('/') || '.';
}

/**
 * Size and hash of every input of a stage, for its manifest. Files that `known` (the inputs of the last manifest)
 * lists with the same size and modification time are not read again.
 */
export async function fingerprintInputs(
  folder: string,
  files: readonly string[],
  known: readonly ManifestInput[] = [],
): Promise<ManifestInput[]> {
  const knownByFile = new Map(known.map((input) => [input.file, input]));
  const inputs: ManifestInput[] = [];
  for (const path of files) {
    const file = manifestPath(folder, path);
    inputs.push({ ...(await fingerprint(path, knownByFile.get(file))), file });
  }
  return inputs;
}

/** Whether two runs read the same files with the same bytes, in the same order. */
export function sameInputs(a: readonly ManifestInput[], b: readonly ManifestInput[]): boolean {
  return (
    a.length === b.length &&
    a.every((input, position) => {
      const other = b[position];
      return other !== undefined && input.file === other.file && sameContents(input, other);
    })
  );
}
