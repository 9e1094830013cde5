import { mix32 } from './counter.js';
import { fnv1a32 } from './fnv1a.js';
import { polarNormals } from './polar-normals.js';

/** A stream of random numbers that belongs to one purpose; see {@link keyedStream}. */
export interface RandomStream {
  /** Next output, an unsigned 32-bit integer. */
  readonly uint32: () => number;
  /** Uniform double in [0, 1), 53 bits. */
  readonly uniform: () => number;
  /** Standard normal (polar method). */
  readonly normal: () => number;
  /** Uniform integer in [0, bound). `bound` is at most 2^32. */
  readonly below: (bound: number) => number;
}

/**
 * A stream keyed by what it is for: `keyedStream(seed, 'shuffle', epoch)`. Equal keys give equal streams, in any
 * process, thread and order; different keys give independent ones. The generator is sfc32 (PractRand's author
 * C. Doty-Humphrey), 128 bits of state, seeded with four hashes of the key.
 */
export function keyedStream(
  seed: number,
  purpose: string,
  ...keys: readonly (number | string)[]
): RandomStream {
  const name = [seed, purpose, ...keys].join(':');
  const hash = fnv1a32(name);
  let a = hash;
  let b = fnv1a32(`${name}/b`);
  let c = mix32(hash ^ name.length);
  let counter = 1;

  function uint32(): number {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
  for (let round = 0; round < 12; round++) uint32();

  function uniform(): number {
    return ((uint32() >>> 5) * 67108864 + (uint32() >>> 6)) / 9007199254740992;
  }

  const normal = polarNormals(uniform, 'x');

  function below(bound: number): number {
    return Math.floor(uniform() * bound);
  }

  return { uint32, uniform, normal, below };
}

/** A permutation of 0..length-1 drawn from `stream` (Fisher-Yates). Shape `[length]`. */
export function shuffledOrder(stream: RandomStream, length: number): Uint32Array {
  const order = Uint32Array.from({ length }, (_, index) => index);
  for (let i = length - 1; i > 0; i--) {
    const j = stream.below(i + 1);
    const kept = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = kept;
  }
  return order;
}
