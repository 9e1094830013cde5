/**
 * Codes for texts in the order of their first appearance. Texts are looked up as UTF-8 bytes: a string is made once
 * for each distinct text, not once for each row.
 */
export interface TextIndex {
  /** The text of each code; only ever grows. */
  readonly values: string[];
  /** The code of the text in `bytes[from]` up to `bytes[to]` (exclusive), a new one at first sight. */
  codeOf(bytes: Uint8Array, from: number, to: number): number;
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const FREE = -1;

export function createTextIndex(): TextIndex {
  const values: string[] = [];
  // Open addressing: `slots[hash & mask]` or one of the next slots holds the code.
  let slots = new Int32Array(1024).fill(FREE);
  let hashes = new Int32Array(512);
  // The bytes of all texts, one after the other: text `code` ends where `ends[code]` says.
  let pool = new Uint8Array(8192);
  let ends = new Uint32Array(512);

  function startOf(code: number): number {
    return code === 0 ? 0 : (ends[code - 1] ?? 0);
  }

  function isText(code: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = startOf(code);
    const length = to - from;
    if ((ends[code] ?? 0) - start !== length) return false;
    for (let at = 0; at < length; at += 1) if (pool[start + at] !== bytes[from + at]) return false;
    return true;
  }

  function freeSlot(hash: number): number {
    let slot = hash & (slots.length - 1);
    while (slots[slot] !== FREE) slot = (slot + 1) & (slots.length - 1);
    return slot;
  }

  function add(hash: number, bytes: Uint8Array, from: number, to: number): number {
    const code = values.length;
    const start = startOf(code);
    const end = start + to - from;
    while (pool.length < end) pool = doubled(pool, new Uint8Array(2 * pool.length));
    if (code === ends.length) {
      ends = doubled(ends, new Uint32Array(2 * code));
      hashes = doubled(hashes, new Int32Array(2 * code));
    }
    if (2 * code >= slots.length) {
      slots = new Int32Array(2 * slots.length).fill(FREE);
      for (let known = 0; known < code; known += 1) slots[freeSlot(hashes[known] ?? 0)] = known;
    }
    pool.set(bytes.subarray(from, to), start);
    ends[code] = end;
    hashes[code] = hash;
    slots[freeSlot(hash)] = code;
    values.push(Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8'));
    return code;
  }

  return {
    values,
    codeOf(bytes, from, to) {
      let hash = FNV_OFFSET;
      for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), FNV_PRIME);
      hash ^= hash >>> 15;
      let slot = hash & (slots.length - 1);
      for (;;) {
        const code = slots[slot] ?? FREE;
        if (code === FREE) return add(hash, bytes, from, to);
        if (hashes[code] === hash && isText(code, bytes, from, to)) return code;
        slot = (slot + 1) & (slots.length - 1);
      }
    },
  };
}

function doubled<A extends Uint8Array | Uint32Array | Int32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
