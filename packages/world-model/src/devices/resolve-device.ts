import { InputError } from '@retail-sim/errors';
import type { Candidate, DeviceOptions, OpenBackend } from './device.js';
import { AUTO_ORDER, DEVICE_CHOICES, DEVICES, type DeviceChoice, type DeviceName } from './device-list.js';
import { runSelfTest } from './self-test.js';

/** A candidate that didn't work. */
export interface Rejection {
  readonly device: DeviceName;
  readonly candidate: string;
  readonly reason: string;
}

/** An open device that passed the self-test. */
export interface Device extends OpenBackend {
  readonly name: DeviceName;
  /** Faster candidates that were tried before this one and didn't work. */
  readonly passedOver: readonly Rejection[];
}

/**
 * Opens a device and makes its tfjs backend the current one. Every candidate must compute a small loss and its
 * gradients right before it is taken: a package that is installed, or even loads, may still be broken.
 *
 * A device that is named and can't be had is an error with the remedy; only `auto`, and `cpu` among its engines, go on
 * to the next candidate. One device is open at a time: close it before the next.
 *
 * @throws InputError for an unknown name, a wrong number of threads, or a device that this machine doesn't have
 */
export async function resolveDevice(choice: DeviceChoice, options: DeviceOptions = {}): Promise<Device> {
  if (!DEVICE_CHOICES.includes(choice)) {
    throw new InputError({
      what: `there is no device '${String(choice)}'`,
      remedy: `choose one of ${DEVICE_CHOICES.join(', ')}`,
    });
  }
  const { threads = 1 } = options;
  if (!Number.isInteger(threads) || threads < 1) {
    throw new InputError({
      what: `threads is ${threads}, expected an integer of 1 or more`,
      remedy: 'pass --threads 1 or more',
    });
  }
  const names: readonly DeviceName[] = choice === 'auto' ? AUTO_ORDER : [choice];
  const passedOver: Rejection[] = [];
  for (const name of names) {
    for (const candidate of DEVICES[name].candidates) {
      const attempt = await tryCandidate(candidate, { threads });
      if ('reason' in attempt) {
        passedOver.push({ device: name, candidate: candidate.title, reason: attempt.reason });
      } else {
        return { name, passedOver, ...attempt.opened };
      }
    }
  }
  throw unavailable(choice, passedOver);
}

type Attempt = { readonly opened: OpenBackend } | { readonly reason: string };

/** Opens one candidate and tests it; what fails is closed again and says why. */
export async function tryCandidate(candidate: Candidate, options: Required<DeviceOptions>): Promise<Attempt> {
  try {
    const opened = await candidate.open(options);
    try {
      await runSelfTest();
      return { opened };
    } catch (error) {
      await opened.close();
      return { reason: messageOf(error) };
    }
  } catch (error) {
    return { reason: messageOf(error) };
  }
}

function unavailable(choice: DeviceChoice, rejections: readonly Rejection[]): InputError {
  const reasons = rejections.map(({ candidate, reason }) => `${candidate}: ${reason}`).join('; ');
  const remedies = [...new Set(rejections.map(({ device }) => DEVICES[device].remedy))].join('; ');
  return new InputError({ what: `device '${choice}' can't be had: ${reasons}`, remedy: remedies });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
