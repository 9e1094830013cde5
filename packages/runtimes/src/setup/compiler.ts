import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { InputError } from '@retail-sim/errors';
import { lastLines, runTool } from './run-tool.js';
import type { SetUpContext } from './set-up-context.js';

/** Headers of Node's stable binary interface, from npm: nothing of Node itself has to be downloaded. */
export const NODE_API_HEADERS = fileURLToPath(
  new URL('include/', import.meta.resolve('node-api-headers/package.json')),
);

/** Version of that interface which the compiled addons use; every Node from 18 on has it. */
export const NODE_API_VERSION = 8;

const CANDIDATES = ['c++', 'g++', 'clang++'];

/** The C++ compiler: the environment's CXX, or the first of the usual names. @throws InputError when there is none */
export async function findCompiler(environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  const candidates = environment.CXX ? [environment.CXX] : CANDIDATES;
  for (const candidate of candidates) {
    if ((await runTool(candidate, ['--version'])).code === 0) return candidate;
  }
  throw new InputError({
    what: `no C++ compiler: ${candidates.join(', ')} can't be run`,
    remedy:
      'install one (Debian, Ubuntu: apt-get install g++; Fedora: dnf install gcc-c++), or name yours in CXX',
  });
}

/** Compiles and links an addon. @throws InputError with what the compiler says */
export async function compile(
  { folder, log, signal }: Pick<SetUpContext, 'folder' | 'log' | 'signal'>,
  compilerArguments: readonly string[],
  what: string,
): Promise<void> {
  const compiler = await findCompiler();
  log.detail(`${compiler} ${compilerArguments.join(' ')}`);
  const result = await runTool(compiler, compilerArguments, { folder, signal, onLine: log.detail });
  if (result.code === 0) return;
  throw new InputError({
    what: `${compiler} can't build ${what}: ${lastLines(result)}`,
    remedy: 'use a compiler of C++17 with its standard library, such as g++ 9 or newer (CXX names it)',
  });
}

/** Flags for the vector units of this processor. A runtime serves the machine that it was set up on, and its like. */
export function processorFlags(features: ReadonlySet<string> = processorFeatures()): readonly string[] {
  const has = (...names: string[]) => names.every((name) => features.has(name));
  if (!has('avx2', 'fma')) return [];
  const avx2 = ['-mavx2', '-mfma', '-mbmi2'];
  if (!has('avx512f', 'avx512bw', 'avx512dq', 'avx512vl')) return avx2;
  return [...avx2, '-mavx512f', '-mavx512bw', '-mavx512dq', '-mavx512vl', '-mprefer-vector-width=512'];
}

/** Features of the first processor as Linux names them; empty elsewhere. */
export function processorFeatures(): ReadonlySet<string> {
  try {
    const flags = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
    return new Set(flags.split(' '));
  } catch {
    return new Set();
  }
}
