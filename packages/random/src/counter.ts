import { fnv1a32 } from './fnv1a.js';

const GOLDEN_RATIO_32 = 0x9e3779b9;

/** The 32-bit finaliser of MurmurHash3: every input bit reaches every output bit. */
export function mix32(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/**
 * Counter-based generator: the `index`-th uniform in [0, 1) of the stream `seed`, without state, so that any element
 * can be drawn alone and in any order. `seed` is an unsigned 32-bit integer, usually `fnv1a32(name)`.
 */
export function counterUniform(seed: number, index: number): number {
  return mix32(seed + Math.imul(index, GOLDEN_RATIO_32)) / 4294967296;
}

/** `length` values of `(2u - 1) * scale + base`, u = counterUniform(fnv1a32(name), i). Shape `[length]`. */
export function counterTensor(name: string, length: number, scale: number, base = 0): Float32Array {
  const seed = fnv1a32(name);
  return Float32Array.from({ length }, (_, index) => (2 * counterUniform(seed, index) - 1) * scale + base);
}
