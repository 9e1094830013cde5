import type { StateDict, StateTensor } from '../model/index.js';
import { openSafetensors } from './read-safetensors.js';
import { type TensorToWrite, writeSafetensors } from './write-safetensors.js';

/** All tensors of a safetensors file as float32, by name. @throws InputError as `openSafetensors` */
export async function readStateDict(file: string): Promise<StateDict> {
  await using opened = await openSafetensors(file);
  const state = new Map<string, StateTensor>();
  for (const [name, { shape }] of opened.tensors) {
    state.set(name, { shape, data: await opened.readFloat32(name) });
  }
  return state;
}

/** Writes a state dict as float32. The file appears when it is complete. */
export async function writeStateDict(
  file: string,
  state: StateDict,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const tensors = new Map<string, TensorToWrite>();
  for (const [name, { shape, data }] of state) tensors.set(name, { type: 'F32', shape, data: () => data });
  await writeSafetensors(file, tensors, metadata);
}
