import { ELEMENT_BITS, type ElementType } from '../safetensors/index.js';
import { NamedGlobal } from './unpickle.js';

/** A storage that a pickle refers to: the entry `data/<key>` of the archive. */
export interface Storage {
  readonly type: ElementType;
  readonly key: string;
}

/** A tensor of which the pickle tells everything but the bytes. Offset and strides count elements. */
export interface TensorPlan {
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** Element type by the storage class of torch. */
const STORAGE_TYPES: Readonly<Record<string, ElementType>> = {
  'torch.BoolStorage': 'BOOL',
  'torch.ByteStorage': 'U8',
  'torch.CharStorage': 'I8',
  'torch.ShortStorage': 'I16',
  'torch.IntStorage': 'I32',
  'torch.LongStorage': 'I64',
  'torch.HalfStorage': 'F16',
  'torch.BFloat16Storage': 'BF16',
  'torch.FloatStorage': 'F32',
  'torch.DoubleStorage': 'F64',
  'torch.ComplexFloatStorage': 'C64',
};

const CONSTRUCTORS: Readonly<Record<string, (args: readonly unknown[]) => unknown>> = {
  'collections.OrderedDict': (args) => {
    if (args.length > 0) throw new Error('an ordered dict is made from arguments');
    return new Map();
  },
  'torch._utils._rebuild_tensor_v2': ([storage, offset, shape, strides]) =>
    planTensor(storage, offset, shape, strides),
  'torch._utils._rebuild_parameter': ([tensor]) => tensor,
};

export function isAllowedGlobal(name: string): boolean {
  return Object.hasOwn(STORAGE_TYPES, name) || Object.hasOwn(CONSTRUCTORS, name);
}

export function callConstructor(name: string, args: readonly unknown[]): unknown {
  const make = Object.hasOwn(CONSTRUCTORS, name) ? CONSTRUCTORS[name] : undefined;
  if (make === undefined) throw new Error(`it calls '${name}'`);
  return make(args);
}

/** ('storage', class, key, device, length). */
export function storageOf(id: readonly unknown[]): Storage {
  const [kind, storageClass, key] = id;
  const type = storageClass instanceof NamedGlobal ? STORAGE_TYPES[storageClass.name] : undefined;
  if (kind !== 'storage' || type === undefined || typeof key !== 'string' || !/^\w+$/.test(key)) {
    throw new Error('it refers to something that is no storage');
  }
  const storage: Storage = { type, key };
  storages.add(storage);
  return storage;
}

const storages = new WeakSet<object>();
const plans = new WeakSet<object>();

function planTensor(storage: unknown, offset: unknown, shape: unknown, strides: unknown): TensorPlan {
  if (!isStorage(storage) || !isCount(offset) || !isCounts(shape) || !isCounts(strides)) {
    throw new Error('a tensor has a malformed storage, offset, size or stride');
  }
  if (shape.length !== strides.length) throw new Error('a tensor has not one stride for each axis');
  const plan: TensorPlan = { storage, offset, shape: [...shape], strides: [...strides] };
  plans.add(plan);
  return plan;
}

export function isTensorPlan(value: unknown): value is TensorPlan {
  return typeof value === 'object' && value !== null && plans.has(value);
}

function isStorage(value: unknown): value is Storage {
  return typeof value === 'object' && value !== null && storages.has(value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every(isCount);
}

/**
 * The tensor's elements out of its storage's bytes, in row-major order.
 *
 * @throws Error when it reaches outside the storage, or has more elements than it
 */
export function gatherElements(
  { storage, offset, shape, strides }: TensorPlan,
  bytes: Uint8Array,
): Uint8Array {
  const width = ELEMENT_BITS[storage.type] / 8;
  const count = shape.reduce((product, length) => product * length, 1);
  if (count === 0) return new Uint8Array();
  const last = shape.reduce((sum, length, axis) => sum + (length - 1) * (strides[axis] ?? 0), offset);
  if (!((last + 1) * width <= bytes.length) || !(count * width <= bytes.length)) {
    throw new Error(`a tensor of shape [${shape.join(', ')}] doesn't fit into its storage '${storage.key}'`);
  }
  if (isContiguous(shape, strides)) return bytes.slice(offset * width, (offset + count) * width);
  const out = new Uint8Array(count * width);
  const place = shape.map(() => 0);
  let from = offset;
  for (let i = 0; i < count; i++) {
    out.set(bytes.subarray(from * width, (from + 1) * width), i * width);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const stride = strides[axis] ?? 0;
      const next = (place[axis] ?? 0) + 1;
      if (next < (shape[axis] ?? 0)) {
        place[axis] = next;
        from += stride;
        break;
      }
      from -= stride * (next - 1);
      place[axis] = 0;
    }
  }
  return out;
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] ?? 0;
    if (length !== 1 && strides[axis] !== expected) return false;
    expected *= length;
  }
  return true;
}
