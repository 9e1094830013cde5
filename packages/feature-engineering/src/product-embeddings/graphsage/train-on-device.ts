import { InputError } from '@retail-sim/errors';
import { DEVICE_CHOICES, resolveDevice } from '@retail-sim/world-model';
import type { ProductEmbeddingsInput } from '../read-embedding-input.js';
import type { SpectralEmbedding } from '../spectral-embedding.js';
import { type TrainedGraphSage, type TrainingOptions, trainGraphSage } from './train-graph-sage.js';

export interface DeviceTrainingOptions extends TrainingOptions {
  /** As `--device` takes it. */
  readonly device: string;
  readonly threads: number;
}

/**
 * Opens a device, trains on it and closes it. `undefined` where there are too few links to learn from.
 *
 * @throws InputError for a device that does not exist or that this machine does not have
 */
export async function trainOnDevice(
  input: ProductEmbeddingsInput,
  spectral: SpectralEmbedding,
  { device, threads, ...options }: DeviceTrainingOptions,
): Promise<TrainedGraphSage | undefined> {
  const choice = DEVICE_CHOICES.find((name) => name === device);
  if (choice === undefined) {
    throw new InputError({
      what: `there is no device '${device}'`,
      remedy: `choose one of ${DEVICE_CHOICES.join(', ')}`,
    });
  }
  const { close } = await resolveDevice(choice, { threads });
  try {
    return await trainGraphSage(input, spectral, options);
  } finally {
    await close();
  }
}
