/** Element types of the safetensors format, with their widths in bits. */
export const ELEMENT_BITS = {
  BOOL: 8,
  U8: 8,
  I8: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  F8_E4M3: 8,
  F8_E5M2: 8,
  F8_E8M0: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
} as const;

export type ElementType = keyof typeof ELEMENT_BITS;

export function isElementType(name: unknown): name is ElementType {
  return typeof name === 'string' && Object.hasOwn(ELEMENT_BITS, name);
}

/** Bytes of a tensor; `undefined` when its elements don't fill whole bytes, or are too many to count exactly. */
export function byteLength(type: ElementType, shape: readonly number[]): number | undefined {
  const bits = shape.reduce((product, length) => product * length, ELEMENT_BITS[type]);
  return Number.isSafeInteger(bits) && bits % 8 === 0 ? bits / 8 : undefined;
}

/**
 * Little-endian elements as float32, rounded to nearest where the type is wider.
 * `undefined` for types that have no such reading here: complex and less than eight bits wide, 8-bit scales.
 */
export function toFloat32(type: ElementType, bytes: Uint8Array): Float32Array | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type === 'F32' && bytes.byteOffset % 4 === 0) {
    return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  }
  const read = READERS[type];
  if (read === undefined) return undefined;
  const width = ELEMENT_BITS[type] / 8;
  const values = new Float32Array(bytes.byteLength / width);
  for (let i = 0; i < values.length; i++) values[i] = read(view, i * width);
  return values;
}

const READERS: Readonly<Partial<Record<ElementType, (view: DataView, at: number) => number>>> = {
  BOOL: (view, at) => (view.getUint8(at) === 0 ? 0 : 1),
  U8: (view, at) => view.getUint8(at),
  I8: (view, at) => view.getInt8(at),
  F8_E4M3: (view, at) => float8E4M3(view.getUint8(at)),
  F8_E5M2: (view, at) => binaryFloat(view.getUint8(at), 5, 2),
  I16: (view, at) => view.getInt16(at, true),
  U16: (view, at) => view.getUint16(at, true),
  F16: (view, at) => binaryFloat(view.getUint16(at, true), 5, 10),
  BF16: (view, at) => binaryFloat(view.getUint16(at, true), 8, 7),
  I32: (view, at) => view.getInt32(at, true),
  U32: (view, at) => view.getUint32(at, true),
  F32: (view, at) => view.getFloat32(at, true),
  F64: (view, at) => view.getFloat64(at, true),
  I64: (view, at) => Number(view.getBigInt64(at, true)),
  U64: (view, at) => Number(view.getBigUint64(at, true)),
};

/** A number laid out as IEEE 754 has it: sign, exponent, mantissa. */
function binaryFloat(bits: number, exponentBits: number, mantissaBits: number): number {
  const sign = bits >>> (exponentBits + mantissaBits) === 0 ? 1 : -1;
  const exponent = (bits >>> mantissaBits) & (2 ** exponentBits - 1);
  const fraction = (bits & (2 ** mantissaBits - 1)) / 2 ** mantissaBits;
  const bias = 2 ** (exponentBits - 1) - 1;
  if (exponent === 2 ** exponentBits - 1)
    return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** (1 - bias) : sign * (1 + fraction) * 2 ** (exponent - bias);
}

/** The variant without infinities (Micikevicius et al. 2022): only all ones is NaN. */
function float8E4M3(bits: number): number {
  if ((bits & 0x7f) === 0x7f) return Number.NaN;
  const sign = bits < 0x80 ? 1 : -1;
  const exponent = (bits >>> 3) & 15;
  const fraction = (bits & 7) / 8;
  return exponent === 0 ? sign * fraction * 2 ** -6 : sign * (1 + fraction) * 2 ** (exponent - 7);
}
