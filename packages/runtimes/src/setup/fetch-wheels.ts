import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fingerprint } from '@retail-sim/artifacts';
import { formatBytes } from '@retail-sim/cli';
import { Failure } from '@retail-sim/errors';
import { lastLines, runTool } from './run-tool.js';
import type { SetUpContext, SetUpStep } from './set-up-context.js';
import { PIP_PLATFORMS, PIP_TARGET, type Wheel } from './wheel-list.js';

/** Where wheels lie until they are unpacked. */
export const downloadsFolder = (folder: string): string => join(folder, 'downloads');

/** Downloads one wheel by pip, which knows the user's index, proxy and certificates. */
export function fetchWheel(wheel: Wheel, isUnpacked: (context: SetUpContext) => Promise<boolean>): SetUpStep {
  return {
    title: `${wheel.project} ${wheel.version} by pip (${formatBytes(wheel.bytes)})`,
    downloadBytes: wheel.bytes,
    diskBytes: 0, // removed when it is unpacked
    isDone: async (context) =>
      (await hasHash(join(downloadsFolder(context.folder), wheel.file), wheel)) ||
      (await isUnpacked(context)),
    run: (context) => download(context, wheel),
  };
}

async function hasHash(path: string, { bytes, sha256 }: Wheel): Promise<boolean> {
  if (!existsSync(path)) return false;
  const found = await fingerprint(path);
  return found.bytes === bytes && found.sha256 === sha256;
}

async function download({ folder, log, signal }: SetUpContext, wheel: Wheel): Promise<void> {
  const downloads = downloadsFolder(folder);
  await mkdir(downloads, { recursive: true });
  const path = join(downloads, wheel.file);
  await rm(path, { force: true });
  const requirements = join(downloads, `${wheel.project}.txt`);
  await writeFile(requirements, `${wheel.project}==${wheel.version} --hash=sha256:${wheel.sha256}\n`);
  const result = await runTool(
    'python3',
    [
      ...['-m', 'pip', 'download', '--disable-pip-version-check', '--no-input', '--no-cache-dir'],
      ...['--retries', '0', '--timeout', '20', '--progress-bar', 'off'],
      ...['--no-deps', '--require-hashes', '--only-binary', ':all:'],
      ...PIP_TARGET,
      ...PIP_PLATFORMS.flatMap((platform) => ['--platform', platform]),
      ...['--dest', downloads, '--requirement', requirements],
    ],
    { signal, onLine: log.detail },
  );
  if (result.code === 0 && (await hasHash(path, wheel))) return;
  const reason =
    result.code === undefined
      ? 'python3 is not on the PATH'
      : result.code === 0
        ? `pip brought another file than ${wheel.file}`
        : lastLines(result, 3);
  throw new Failure(`${wheel.file} can't be downloaded: ${reason}`, {
    remedy: /No module named pip|not on the PATH/.test(reason)
      ? 'install Python 3 with pip, or download the wheels elsewhere and use --from DIR'
      : "check the network and pip's index (`python3 -m pip config list`) and run this again, what is complete is kept; or bring the wheels, or a finished folder .runtimes, from another machine and use --from DIR",
  });
}
