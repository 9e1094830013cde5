import type { Candidate } from '../devices/device.js';
import { DEVICE_NAMES, DEVICES, type DeviceName } from '../devices/device-list.js';
import { tryCandidate } from '../devices/resolve-device.js';

export interface DeviceUnderTest {
  readonly title: string;
  readonly candidate: Candidate;
}

/** Every engine of every device that this machine has; why it lacks one goes to stderr. */
export async function devicesUnderTest(): Promise<readonly DeviceUnderTest[]> {
  const found: DeviceUnderTest[] = [];
  for (const name of DEVICE_NAMES) {
    for (const candidate of DEVICES[name].candidates) {
      if (found.some((device) => device.candidate.title === candidate.title)) continue;
      const attempt = await tryCandidate(candidate, { threads: 1 });
      if ('reason' in attempt) {
        skip(name, candidate, attempt.reason);
      } else {
        await attempt.opened.close();
        found.push({ title: `${name}: ${candidate.title}`, candidate });
      }
    }
  }
  return found;
}

function skip(name: DeviceName, { title }: Candidate, reason: string): void {
  process.stderr.write(`skipped ${name}: ${title} (${reason.split('\n')[0]})\n`);
}
