const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

const encoder = new TextEncoder();

/** FNV-1a hash, 32 bit, of the UTF-8 bytes of `text` (spec section 4, 3.7). Returns an unsigned integer. */
export function fnv1a32(text: string): number {
  let hash = OFFSET_BASIS;
  for (const byte of encoder.encode(text)) {
    hash = Math.imul(hash ^ byte, PRIME);
  }
  return hash >>> 0;
}
