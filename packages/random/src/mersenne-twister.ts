import { polarNormals } from './polar-normals.js';

// Mersenne Twister MT19937 (Matsumoto & Nishimura 1998) with the single-integer initialisation, and the two ways of
// drawing from it that the reference implementation uses (spec section 3, appendix A.1 to A.3).

const STATE_SIZE = 624;
const SHIFT_SIZE = 397;

export interface MersenneTwister {
  /** Next output, an unsigned 32-bit integer. */
  readonly uint32: () => number;
  /** Uniform double in [0, 1) from two outputs. */
  readonly uniform: () => number;
  /** Standard normal, Marsaglia's polar method; the second value of each pair is kept for the next call. */
  readonly normal: () => number;
  /** Uniform integer in [0, maximum], by masked rejection. */
  readonly integer: (maximum: number) => number;
  /** A permutation of 0..length-1 (Fisher-Yates from the end). */
  readonly permutation: (length: number) => Uint32Array;
}

/** A generator seeded with an unsigned 32-bit integer. */
export function mersenneTwister(seed: number): MersenneTwister {
  const state = initialState(seed);
  let position = STATE_SIZE;

  function uint32(): number {
    if (position === STATE_SIZE) {
      regenerate(state);
      position = 0;
    }
    let y = state[position++] ?? 0;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  function uniform(): number {
    const high = uint32() >>> 5;
    const low = uint32() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  const normal = polarNormals(uniform, 'y');

  function integer(maximum: number): number {
    if (maximum === 0) return 0;
    const mask = 2 ** (32 - Math.clz32(maximum)) - 1;
    for (;;) {
      const value = (uint32() & mask) >>> 0;
      if (value <= maximum) return value;
    }
  }

  function permutation(length: number): Uint32Array {
    const order = Uint32Array.from({ length }, (_, index) => index);
    for (let i = length - 1; i > 0; i--) {
      const j = integer(i);
      const kept = order[i] ?? 0;
      order[i] = order[j] ?? 0;
      order[j] = kept;
    }
    return order;
  }

  return { uint32, uniform, normal, integer, permutation };
}

function initialState(seed: number): Uint32Array {
  const state = new Uint32Array(STATE_SIZE);
  let previous = seed >>> 0;
  state[0] = previous;
  for (let i = 1; i < STATE_SIZE; i++) {
    previous = (Math.imul(1812433253, previous ^ (previous >>> 30)) + i) >>> 0;
    state[i] = previous;
  }
  return state;
}

function regenerate(state: Uint32Array): void {
  for (let i = 0; i < STATE_SIZE; i++) {
    const joined = ((state[i] ?? 0) & 0x80000000) | ((state[(i + 1) % STATE_SIZE] ?? 0) & 0x7fffffff);
    const twisted = (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
    state[i] = (state[(i + SHIFT_SIZE) % STATE_SIZE] ?? 0) ^ twisted;
  }
}
