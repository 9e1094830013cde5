import type { LoaderOptions } from '@retail-sim/tensor-preparation';
import type { WorldModelConfig } from '@retail-sim/world-model';
import type { TrainingSettings } from './training-options.js';

/** Gathers micro-batches into groups of `size`, one an optimizer step; the last group of an epoch may be shorter. */
export async function* groupsOf<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<readonly T[]> {
  let group: T[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** What a batch has to hold for this model: the part of the loader's options that every split shares. */
export function batchContents(
  tensors: string,
  settings: Pick<TrainingSettings, 'batchSize' | 'seed' | 'history'>,
  { switches }: WorldModelConfig,
): Omit<LoaderOptions, 'split' | 'shuffle'> {
  return {
    folder: tensors,
    batchSize: settings.batchSize,
    seed: settings.seed,
    history: switches.encoderSource === 'history' ? settings.history : 0,
    repeats: switches.repeatHead,
    similarBaskets: switches.repeatHead && switches.similarBaskets,
  };
}

/** Largest memory that this process has held so far, in bytes. */
export const peakBytes = (): number => process.resourceUsage().maxRSS * 1024;
