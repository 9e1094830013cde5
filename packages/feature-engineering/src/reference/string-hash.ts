// The string hash that the reference seeds its random vectors with, for a hash seed of 0: SipHash-1-3 with a key of
// zeros (Aumasson & Bernstein 2012; spec section 3, A.4). For parity tests and `--compat reference` only.

const MASK = (1n << 64n) - 1n;
const rotate = (value: bigint, bits: bigint): bigint => ((value << bits) | (value >> (64n - bits))) & MASK;

/** Hash of an ASCII text modulo 2^31: the seed of its Mersenne Twister. */
export function referenceSeed(text: string): number {
  const hash = sipHash13(new TextEncoder().encode(text));
  // The reference's language keeps -1 for errors and answers -2 instead.
  return Number((hash === MASK ? MASK - 1n : hash) & 0x7fffffffn);
}

/** 64-bit hash of a byte string, unsigned; 0 for the empty one. */
export function sipHash13(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  let v0 = 0x736f6d6570736575n;
  let v1 = 0x646f72616e646f6dn;
  let v2 = 0x6c7967656e657261n;
  let v3 = 0x7465646279746573n;
  const round = (): void => {
    v0 = (v0 + v1) & MASK;
    v1 = rotate(v1, 13n) ^ v0;
    v0 = rotate(v0, 32n);
    v2 = (v2 + v3) & MASK;
    v3 = rotate(v3, 16n) ^ v2;
    v0 = (v0 + v3) & MASK;
    v3 = rotate(v3, 21n) ^ v0;
    v2 = (v2 + v1) & MASK;
    v1 = rotate(v1, 17n) ^ v2;
    v2 = rotate(v2, 32n);
  };
  for (const word of wordsOf(bytes)) {
    v3 ^= word;
    round();
    v0 ^= word;
  }
  v2 ^= 0xffn;
  for (let i = 0; i < 3; i++) round();
  return v0 ^ v1 ^ v2 ^ v3;
}

/** Little-endian words of eight bytes; the last one holds the rest and, on top, the length. */
function wordsOf(bytes: Uint8Array): bigint[] {
  const padded = new Uint8Array((Math.floor(bytes.length / 8) + 1) * 8);
  padded.set(bytes);
  padded[padded.length - 1] = bytes.length & 0xff;
  const view = new DataView(padded.buffer);
  return Array.from({ length: padded.length / 8 }, (_, word) => view.getBigUint64(8 * word, true));
}
