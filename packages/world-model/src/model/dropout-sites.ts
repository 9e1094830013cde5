import { InputError } from '@retail-sim/errors';
import { fnv1a32 } from '@retail-sim/random';
import type * as tf from '@tensorflow/tfjs';
import { type DropoutKey, dropout } from '../kernels/index.js';
import type { ForwardOptions } from './forward-options.js';

/** The dropout mask of a place in the model, e.g. `decoder.layers.0.ffn`, in one training step. */
export type DropoutSites = (site: string) => DropoutKey;

/** Outside training: nothing is dropped. */
export const NO_DROPOUT: DropoutSites = () => ({ rate: 0, seed: 0 });

/** The sites of one forward pass: none outside training. */
export function passSites(rate: number, { training = false, dropoutKey }: ForwardOptions): DropoutSites {
  if (!training || rate === 0) return NO_DROPOUT;
  if (dropoutKey === undefined) {
    throw new InputError({
      what: 'forward in training has no dropoutKey',
      remedy: 'pass a key that differs from step to step',
    });
  }
  return dropoutSites(rate, dropoutKey);
}

/** Masks that depend on the step's key and on the site only, so that a recomputed layer draws its own again. */
function dropoutSites(rate: number, stepKey: number): DropoutSites {
  return (site) => ({ rate, seed: fnv1a32(`${stepKey}:dropout:${site}`) });
}

/** The sites of a block inside the model. */
export function scopedSites(sites: DropoutSites, prefix: string): DropoutSites {
  return (site) => sites(prefix + site);
}

/** Any shape; x itself where nothing is dropped. */
export function dropped(x: tf.Tensor, key: DropoutKey): tf.Tensor {
  return key.rate === 0 ? x : dropout(x, key);
}
