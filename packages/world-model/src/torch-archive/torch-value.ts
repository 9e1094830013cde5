import type { ElementType } from '../safetensors/index.js';

/** A tensor of an archive: contiguous, row-major, little-endian. */
export interface TorchTensor {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** What an archive may hold. Lists and tuples are arrays, dicts are maps. */
export type TorchValue =
  | TorchTensor
  | string
  | number
  | boolean
  | null
  | readonly TorchValue[]
  | ReadonlyMap<string | number, TorchValue>;

/** Whether a value of an archive is a tensor, not a number, text, list or dictionary. */
export function isTorchTensor(value: unknown): value is TorchTensor {
  return typeof value === 'object' && value !== null && 'bytes' in value && value.bytes instanceof Uint8Array;
}
