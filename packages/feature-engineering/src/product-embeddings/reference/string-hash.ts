const MASK = (1n << 64n) - 1n;

/** SipHash-1-3 with key zero (Aumasson and Bernstein 2012) of an ASCII text, modulo 2^31 (section 3, A.4). */
export function stringHash(text: string): number {
  if (text === '') return 0;
  let v0 = 0x736f6d6570736575n;
  let v1 = 0x646f72616e646f6dn;
  let v2 = 0x6c7967656e657261n;
  let v3 = 0x7465646279746573n;
  const round = () => {
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
  const bytes = new TextEncoder().encode(text);
  const word = (from: number, to: number) => {
    let value = 0n;
    for (let at = to - 1; at >= from; at -= 1) value = (value << 8n) | BigInt(bytes[at] ?? 0);
    return value;
  };
  const whole = bytes.length - (bytes.length % 8);
  const words = Array.from({ length: whole / 8 }, (_, at) => word(8 * at, 8 * at + 8));
  words.push((BigInt(bytes.length & 0xff) << 56n) | word(whole, bytes.length));
  for (const value of words) {
    v3 ^= value;
    round();
    v0 ^= value;
  }
  v2 ^= 0xffn;
  for (let i = 0; i < 3; i += 1) round();
  const hash = v0 ^ v1 ^ v2 ^ v3;
  // The reference's language keeps -1 for errors and answers -2 instead.
  return Number((hash === MASK ? MASK - 1n : hash) & 0x7fffffffn);
}

function rotate(value: bigint, bits: bigint): bigint {
  return ((value << bits) | (value >> (64n - bits))) & MASK;
}
