// A pickle is a program for a small stack machine (Python's pickletools documents its opcodes). This machine has no
// opcode that calls anything but the three constructors of `CONSTRUCTORS`, on data that it has read itself.

export interface PickleHooks {
  /** Makes what a persistent id stands for; for torch that is a storage. */
  readonly persistent: (id: readonly unknown[]) => unknown;
  /** Makes the value of a call of an allowed function. */
  readonly call: (name: string, args: readonly unknown[]) => unknown;
  /** Whether `module.name` may be named at all. */
  readonly allows: (name: string) => boolean;
}

/** A function or class that the pickle names. */
export class NamedGlobal {
  constructor(readonly name: string) {}
}

const MARK = Symbol('mark');
const DEEPEST_STACK = 1_000_000;

/** @throws Error with what is not allowed or damaged, and where */
export function unpickle(bytes: Uint8Array, hooks: PickleHooks): unknown {
  const machine = new Machine(bytes, hooks);
  for (;;) {
    const position = machine.position;
    const opcode = machine.byte();
    if (opcode === 0x2e) return machine.pop(); // STOP
    const step = STEPS[opcode];
    if (step === undefined)
      throw new Error(`opcode 0x${opcode.toString(16)} at byte ${position} is not allowed`);
    step(machine);
  }
}

class Machine {
  position = 0;
  readonly memo = new Map<number, unknown>();
  readonly #stack: unknown[] = [];
  readonly #view: DataView;

  constructor(
    readonly bytes: Uint8Array,
    readonly hooks: PickleHooks,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  byte(): number {
    return this.#view.getUint8(this.#advance(1));
  }
  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }
  int32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }
  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }
  float64(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }
  take(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.bytes.subarray(start, start + length);
  }
  text(length: number): string {
    return Buffer.from(this.take(length)).toString('utf8');
  }
  line(): string {
    const end = this.bytes.indexOf(0x0a, this.position);
    if (end < 0) throw new Error('the pickle is cut short');
    const line = this.text(end - this.position);
    this.position = end + 1;
    return line;
  }
  push(value: unknown): void {
    if (this.#stack.length >= DEEPEST_STACK) throw new Error('the pickle is nested too deeply');
    this.#stack.push(value);
  }
  pop(): unknown {
    if (this.#stack.length === 0) throw new Error('the pickle takes more than it has');
    return this.#stack.pop();
  }
  top(): unknown {
    return this.#stack.at(-1);
  }
  popToMark(): unknown[] {
    const mark = this.#stack.lastIndexOf(MARK);
    if (mark < 0) throw new Error('the pickle lacks a mark');
    return this.#stack.splice(mark).slice(1);
  }
  #advance(length: number): number {
    const start = this.position;
    if (start + length > this.bytes.length) throw new Error('the pickle is cut short');
    this.position += length;
    return start;
  }
}

type Step = (machine: Machine) => void;

/** By opcode, in the order of pickle's protocols; what is missing here is refused. */
const STEPS: Readonly<Record<number, Step>> = {
  128: (m) => void m.byte(), // PROTO
  149: (m) => void m.take(8), // FRAME
  40: (m) => m.push(MARK), // MARK
  48: (m) => void m.pop(), // POP
  78: (m) => m.push(null), // NONE
  136: (m) => m.push(true), // NEWTRUE
  137: (m) => m.push(false), // NEWFALSE
  75: (m) => m.push(m.byte()), // BININT1
  77: (m) => m.push(m.uint16()), // BININT2
  74: (m) => m.push(m.int32()), // BININT
  138: (m) => m.push(longInteger(m.take(m.byte()))), // LONG1
  71: (m) => m.push(m.float64()), // BINFLOAT
  88: (m) => m.push(m.text(m.uint32())), // BINUNICODE
  140: (m) => m.push(m.text(m.byte())), // SHORT_BINUNICODE
  93: (m) => m.push([]), // EMPTY_LIST
  97: (m) => append(m, [m.pop()]), // APPEND
  101: (m) => append(m, m.popToMark()), // APPENDS
  41: (m) => m.push([]), // EMPTY_TUPLE
  133: (m) => m.push([m.pop()]), // TUPLE1
  134: (m) => pushTuple(m, 2), // TUPLE2
  135: (m) => pushTuple(m, 3), // TUPLE3
  116: (m) => m.push(m.popToMark()), // TUPLE
  125: (m) => m.push(new Map()), // EMPTY_DICT
  115: (m) => setItems(m, pairOnTop(m)), // SETITEM
  117: (m) => setItems(m, m.popToMark()), // SETITEMS
  113: (m) => void m.memo.set(m.byte(), m.top()), // BINPUT
  114: (m) => void m.memo.set(m.uint32(), m.top()), // LONG_BINPUT
  148: (m) => void m.memo.set(m.memo.size, m.top()), // MEMOIZE
  104: (m) => recall(m, m.byte()), // BINGET
  106: (m) => recall(m, m.uint32()), // LONG_BINGET
  99: (m) => pushGlobal(m, m.line(), m.line()), // GLOBAL
  147: (m) => pushStackGlobal(m), // STACK_GLOBAL
  82: (m) => callGlobal(m), // REDUCE
  98: (m) => setState(m), // BUILD
  81: (m) => m.push(m.hooks.persistent(persistentId(m.pop()))), // BINPERSID
};

function pushTuple(m: Machine, length: number): void {
  const items = Array.from({ length }, () => m.pop()).reverse();
  m.push(items);
}

function append(m: Machine, items: readonly unknown[]): void {
  const list = m.top();
  if (!Array.isArray(list)) throw new Error('the pickle appends to something that is no list');
  for (const item of items) list.push(item);
}

function pairOnTop(m: Machine): unknown[] {
  const value = m.pop();
  return [m.pop(), value];
}

function setItems(m: Machine, items: readonly unknown[]): void {
  const dictionary = m.top();
  if (!(dictionary instanceof Map)) throw new Error('the pickle sets an item of something that is no dict');
  for (let i = 0; i + 1 < items.length; i += 2) {
    const key = items[i];
    if (typeof key !== 'string' && typeof key !== 'number')
      throw new Error('a dict has a key that is no text or number');
    dictionary.set(key, items[i + 1]);
  }
}

function recall(m: Machine, index: number): void {
  if (!m.memo.has(index)) throw new Error(`the pickle recalls entry ${index}, which it never stored`);
  m.push(m.memo.get(index));
}

function pushStackGlobal(m: Machine): void {
  const name = m.pop();
  pushGlobal(m, String(m.pop()), String(name));
}

function pushGlobal(m: Machine, module: string, name: string): void {
  const full = `${module}.${name}`;
  if (!m.hooks.allows(full))
    throw new Error(`it names '${full}', which is neither tensor, dict, number nor text`);
  m.push(new NamedGlobal(full));
}

function callGlobal(m: Machine): void {
  const args = m.pop();
  const callee = m.pop();
  if (!(callee instanceof NamedGlobal) || !Array.isArray(args))
    throw new Error('the pickle calls something unknown');
  m.push(m.hooks.call(callee.name, args));
}

/** The state of an ordered dict (its `_metadata`) says nothing about tensors. */
function setState(m: Machine): void {
  m.pop();
  if (!(m.top() instanceof Map)) throw new Error('the pickle sets the state of something that is no dict');
}

function persistentId(id: unknown): readonly unknown[] {
  if (!Array.isArray(id)) throw new Error('a persistent id is no tuple');
  return id;
}

/** Two's complement, little-endian; beyond 2^53 a number would not be exact. */
function longInteger(bytes: Uint8Array): number {
  let value = 0n;
  for (const [i, byte] of bytes.entries()) value |= BigInt(byte) << BigInt(8 * i);
  const signed = BigInt.asIntN(bytes.length * 8, value);
  if (!Number.isSafeInteger(Number(signed))) throw new Error(`the number ${signed} is too large`);
  return Number(signed);
}
