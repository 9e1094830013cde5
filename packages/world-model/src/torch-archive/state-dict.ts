import { InputError } from '@retail-sim/errors';
import type { StateDict, StateTensor } from '../model/index.js';
import { toFloat32 } from '../safetensors/index.js';
import { readTorchArchive } from './read-torch-archive.js';
import { isTorchTensor, type TorchTensor, type TorchValue } from './torch-value.js';

/** Where training scripts keep the weights beside other things. */
const USUAL_KEYS = ['model_state_dict', 'state_dict', 'model'];

/**
 * The weights in a file of `torch.save`, as float32 by name: the file's own dict if it holds tensors only, otherwise the
 * one under `model_state_dict`, `state_dict` or `model`.
 *
 * @throws InputError as `readTorchArchive`, and when no such dict is there
 */
export async function readTorchStateDict(file: string): Promise<StateDict> {
  const content = await readTorchArchive(file);
  const candidates = [
    content,
    ...USUAL_KEYS.map((key) => (content instanceof Map ? content.get(key) : undefined)),
  ];
  const weights = candidates.map(tensorsByName).find((tensors) => tensors !== undefined);
  if (weights === undefined) {
    const keys = content instanceof Map ? [...content.keys()].join(', ') : 'no dict';
    throw new InputError({
      what: `no weights: neither a dict of tensors nor one under ${USUAL_KEYS.join(', ')}; it holds ${keys}`,
      where: { file },
      remedy: 'save them with torch.save(model.state_dict(), path)',
    });
  }
  const state = new Map<string, StateTensor>();
  for (const [name, { type, shape, bytes }] of weights) {
    const data = toFloat32(type, bytes);
    if (data === undefined) {
      throw new InputError({
        what: `tensor '${name}' is ${type}, which can't be read as float32`,
        where: { file },
        remedy: 'convert it to float32 before saving',
      });
    }
    state.set(name, { shape, data });
  }
  return state;
}

function tensorsByName(value: TorchValue | undefined): Map<string, TorchTensor> | undefined {
  if (!(value instanceof Map) || value.size === 0) return undefined;
  const tensors = new Map<string, TorchTensor>();
  for (const [name, tensor] of value) {
    if (typeof name !== 'string' || !isTorchTensor(tensor)) return undefined;
    tensors.set(name, tensor);
  }
  return tensors;
}
