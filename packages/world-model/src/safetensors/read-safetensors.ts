import { type FileHandle, open } from 'node:fs/promises';
import { InputError } from '@retail-sim/errors';
import { readRange } from '../read-range.js';
import { toFloat32 } from './element-types.js';
import {
  LARGEST_HEADER,
  LENGTH_BYTES,
  parseHeader,
  type SafetensorsHeader,
  type TensorEntry,
} from './header.js';

/** An open safetensors file; tensors are read one by one, when they are asked for. */
export interface SafetensorsFile extends SafetensorsHeader, AsyncDisposable {
  /** The bytes of a tensor, little-endian, row-major. */
  readonly readBytes: (name: string) => Promise<Uint8Array>;
  /** The elements of a tensor as float32, whatever real type they have in the file. */
  readonly readFloat32: (name: string) => Promise<Float32Array>;
  /** Closes the file. */
  readonly close: () => Promise<void>;
}

/**
 * Opens a safetensors file and checks its header.
 *
 * @throws InputError when the file is missing, cut short, or its header breaks a rule of the format
 */
export async function openSafetensors(file: string): Promise<SafetensorsFile> {
  const handle = await openFile(file);
  try {
    const { size } = await handle.stat();
    const headerBytes = await headerLength(handle, size, file);
    const dataStart = LENGTH_BYTES + headerBytes;
    const bytes = await readRange(handle, LENGTH_BYTES, headerBytes, cutShort(file));
    const header = parseHeader(bytes, size - dataStart, file);
    const entryOf = (name: string): TensorEntry => {
      const entry = header.tensors.get(name);
      if (entry !== undefined) return entry;
      throw new InputError({
        what: `there is no tensor '${name}'`,
        where: { file },
        remedy: `it holds ${[...header.tensors.keys()].slice(0, 8).join(', ')} ...`,
      });
    };
    const readBytes = async (name: string): Promise<Uint8Array> => {
      const { begin, end } = entryOf(name);
      return readRange(handle, dataStart + begin, end - begin, cutShort(file));
    };
    const readFloat32 = async (name: string): Promise<Float32Array> => {
      const { type } = entryOf(name);
      const values = toFloat32(type, await readBytes(name));
      if (values !== undefined) return values;
      throw new InputError({
        what: `tensor '${name}' is ${type}, which can't be read as float32`,
        where: { file },
        remedy: 'convert it to F32 where it was made',
      });
    };
    const close = () => handle.close();
    return { ...header, readBytes, readFloat32, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function openFile(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r');
  } catch (cause) {
    throw new InputError({ what: "can't be opened", where: { file }, remedy: 'check the path', cause });
  }
}

async function headerLength(handle: FileHandle, size: number, file: string): Promise<number> {
  if (size < LENGTH_BYTES) throw notSafetensors(file, `it has ${size} bytes`);
  const start = await readRange(handle, 0, LENGTH_BYTES, cutShort(file));
  const length = new DataView(start.buffer, start.byteOffset).getBigUint64(0, true);
  if (length > LARGEST_HEADER || Number(length) > size - LENGTH_BYTES) {
    throw notSafetensors(file, `its header would be ${length} bytes long, the file has ${size}`);
  }
  return Number(length);
}

function notSafetensors(file: string, why: string): InputError {
  return new InputError({
    what: `no safetensors file: ${why}`,
    where: { file },
    remedy: 'pass a whole .safetensors file',
  });
}

/** The error for a file that is shorter than its header says. */
const cutShort =
  (file: string) =>
  (byte: number): InputError =>
    notSafetensors(file, `it ends at byte ${byte}`);
