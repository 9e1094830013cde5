import { type FileHandle, open } from 'node:fs/promises';
import { InputError } from '@retail-sim/errors';
import {
  callConstructor,
  gatherElements,
  isAllowedGlobal,
  isTensorPlan,
  storageOf,
  type TensorPlan,
} from './tensor-plan.js';
import type { TorchTensor, TorchValue } from './torch-value.js';
import { unpickle } from './unpickle.js';
import { notArchive, readZipEntries, readZipEntry, type ZipEntry } from './zip-entries.js';

/**
 * Reads what `torch.save` of PyTorch 1.6 or later wrote, as far as it consists of tensors, dicts, lists, tuples, texts,
 * numbers, booleans and None. Whatever else a pickle may name, above all code, is refused: reading runs nothing.
 *
 * @throws InputError when the file is no such archive, is damaged, or holds something else
 */
export async function readTorchArchive(file: string): Promise<TorchValue> {
  await using handle = await openFile(file);
  const entries = await readZipEntries(handle, file);
  const pickleName = [...entries.keys()].find((name) => /^[^/]*\/data\.pkl$|^data\.pkl$/.test(name));
  if (pickleName === undefined) throw notArchive(file, 'it has no data.pkl');
  const folder = pickleName.slice(0, -'data.pkl'.length);
  const bytesOf = async (name: string): Promise<Uint8Array> => {
    const entry: ZipEntry | undefined = entries.get(folder + name);
    if (entry === undefined) throw notArchive(file, `it lacks '${folder}${name}'`);
    return readZipEntry(handle, entry, file);
  };
  if (entries.has(`${folder}byteorder`)) {
    const order = Buffer.from(await bytesOf('byteorder')).toString();
    if (order !== 'little') throw notArchive(file, `its numbers are ${order}-endian`);
  }
  const content = unpickleFile(await bytesOf('data.pkl'), file);
  return await resolveTensors(content, bytesOf, file);
}

async function openFile(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r');
  } catch (cause) {
    throw new InputError({ what: "can't be opened", where: { file }, remedy: 'check the path', cause });
  }
}

function unpickleFile(bytes: Uint8Array, file: string): unknown {
  try {
    return unpickle(bytes, { persistent: storageOf, call: callConstructor, allows: isAllowedGlobal });
  } catch (error) {
    throw notArchive(file, error instanceof Error ? error.message : String(error));
  }
}

/** Fills in the bytes of all tensors; each storage is read once, and only one is in memory beside its tensors. */
async function resolveTensors(
  content: unknown,
  bytesOf: (name: string) => Promise<Uint8Array>,
  file: string,
): Promise<TorchValue> {
  const tensors = new Map<TensorPlan, TorchTensor>();
  for (const [key, plans] of plansByStorage(content, file)) {
    const bytes = await bytesOf(`data/${key}`);
    for (const plan of plans) tensors.set(plan, gather(plan, bytes, file));
  }
  return toTorchValue(content, tensors, new Map());
}

function gather(plan: TensorPlan, bytes: Uint8Array, file: string): TorchTensor {
  try {
    return { type: plan.storage.type, shape: plan.shape, bytes: gatherElements(plan, bytes) };
  } catch (error) {
    throw notArchive(file, error instanceof Error ? error.message : String(error));
  }
}

/** All tensors in a value, by the key of their storage. A list or dict that contains itself is refused. */
function plansByStorage(content: unknown, file: string): Map<string, Set<TensorPlan>> {
  const found = new Map<string, Set<TensorPlan>>();
  const finished = new Set<unknown>();
  const open = new Set<unknown>();
  const visit = (value: unknown): void => {
    if (isTensorPlan(value)) {
      const plans = found.get(value.storage.key) ?? new Set();
      found.set(value.storage.key, plans.add(value));
    } else if (typeof value === 'object' && value !== null && !finished.has(value)) {
      if (open.has(value)) throw notArchive(file, 'it holds a list or dict that contains itself');
      open.add(value);
      for (const item of childrenOf(value)) visit(item);
      open.delete(value);
      finished.add(value);
    }
  };
  visit(content);
  return found;
}

function childrenOf(value: object): Iterable<unknown> {
  if (value instanceof Map) return value.values();
  return Array.isArray(value) ? value : [];
}

/** What occurs in several places is converted once, and stays one object. */
function toTorchValue(
  value: unknown,
  tensors: ReadonlyMap<TensorPlan, TorchTensor>,
  converted: Map<unknown, TorchValue>,
): TorchValue {
  if (
    value === null ||
    typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'boolean'
  ) {
    return value;
  }
  const before = converted.get(value);
  if (before !== undefined) return before;
  const result = convert(value, tensors, converted);
  converted.set(value, result);
  return result;
}

function convert(
  value: unknown,
  tensors: ReadonlyMap<TensorPlan, TorchTensor>,
  converted: Map<unknown, TorchValue>,
): TorchValue {
  const tensor = isTensorPlan(value) ? tensors.get(value) : undefined;
  if (tensor !== undefined) return tensor;
  if (Array.isArray(value)) return value.map((item) => toTorchValue(item, tensors, converted));
  if (value instanceof Map) {
    return new Map([...value].map(([key, item]) => [key, toTorchValue(item, tensors, converted)]));
  }
  throw new Error('an unpickled value is none of the known kinds'); // the machine makes no others
}
