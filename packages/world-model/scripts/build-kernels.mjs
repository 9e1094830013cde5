// Builds what src/kernels/wasm loads into dist/kernels/wasm: the AssemblyScript kernels, with and without relaxed SIMD,
// and the tfjs wasm binary with its memory marked as shared.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import asc from 'assemblyscript/asc';

const root = join(import.meta.dirname, '..');
const target = join(root, 'dist', 'kernels', 'wasm');
const MEMORY_SECTION = 5;
const DATA_SECTION = 11;

const COMMON = [
  join(root, 'assembly', 'index.ts'),
  ...[
    '--optimizeLevel',
    '3',
    '--noAssert',
    '--runtime',
    'stub',
    '--use',
    'abort=',
    '--disableWarning',
    '112',
  ],
  ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
  ...['--enable', 'threads', '--enable', 'simd'],
];

function publish(name, bytes) {
  const temporary = join(target, `.${name}.${process.pid}`);
  writeFileSync(temporary, bytes);
  renameSync(temporary, join(target, name));
}

async function compile(name, flags) {
  const { error, binary, stderr } = await asc.main([...COMMON, ...flags, '--outFile', name], {
    writeFile: (_name, contents) => publish(name, contents),
  });
  if (error) throw new Error(`${name}: ${error.message}\n${stderr.toString()}`);
  // Data would be written over the tensors of the heap that the module is given.
  const written = readFileSync(join(target, name));
  if (sections(written).some(({ id }) => id === DATA_SECTION)) throw new Error(`${name} has a data segment`);
  return binary;
}

/** Sections of a wasm binary: id and the offsets of their content. */
function sections(bytes) {
  const found = [];
  for (let at = 8; at < bytes.length; ) {
    const id = bytes[at++];
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      length |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    found.push({ id, start: at });
    at += length;
  }
  return found;
}

/** A copy of a wasm binary whose one memory is shared: bit 1 of its limits, next to bit 0, "has a maximum". */
function withSharedMemory(bytes) {
  const copy = new Uint8Array(bytes);
  const memory = sections(copy).find(({ id }) => id === MEMORY_SECTION);
  if (memory === undefined || copy[memory.start] !== 1 || copy[memory.start + 1] !== 1) {
    throw new Error('the tfjs binary has no memory with a maximum of its own');
  }
  copy[memory.start + 1] = 3;
  if (!WebAssembly.validate(copy)) throw new Error('the tfjs binary is not valid with shared memory');
  return copy;
}

mkdirSync(target, { recursive: true });
await compile('kernels-simd.wasm', []);
await compile('kernels-relaxed-simd.wasm', ['--enable', 'relaxed-simd']);
const tfjs = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
publish(
  'tfjs-backend-wasm-simd-shared.wasm',
  withSharedMemory(readFileSync(join(tfjs, 'tfjs-backend-wasm-simd.wasm'))),
);
