import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { publishFile } from '@retail-sim/artifacts';
import { OP_SOURCES } from '@retail-sim/world-model';
import { compile, NODE_API_HEADERS, NODE_API_VERSION, processorFlags } from './compiler.js';
import { DEPS } from './link-libraries.js';
import type { SetUpStep } from './set-up-context.js';

export const OP_LIBRARY = 'ops/retail_ops.node';
export const PRELOAD_ADDON = 'ops/preload.node';
/** Hash of the sources that were compiled. */
const STAMP = 'ops/sources.txt';

/** Compiles the world model's ops, and the addon that loads libraries quietly. Made anew when their sources change. */
export const buildOps: SetUpStep = {
  title: "the world model's ops, compiled for this processor",
  downloadBytes: 0,
  diskBytes: 1_000_000,
  isDone: async ({ folder }) =>
    existsSync(join(folder, OP_LIBRARY)) &&
    existsSync(join(folder, PRELOAD_ADDON)) &&
    existsSync(join(folder, STAMP)) &&
    readFileSync(join(folder, STAMP), 'utf8') === sourcesHash(),
  run: async (context) => {
    const { folder } = context;
    await mkdir(join(folder, 'ops'), { recursive: true });
    const common = [
      '-shared',
      '-fPIC',
      '-std=c++17',
      `-DNAPI_VERSION=${NODE_API_VERSION}`,
      `-I${NODE_API_HEADERS}`,
    ];
    const library = relative('ops', join(DEPS, 'lib'));
    await compile(
      context,
      [
        ...common,
        ...['-O3', '-Wno-psabi', '-fno-math-errno', '-fno-trapping-math', ...processorFlags()],
        `-I${DEPS}/include`,
        ...sourcesIn(OP_SOURCES),
        // From release 2.17 on the framework library has all that the ops call.
        ...[`-L${DEPS}/lib`, '-Wl,--as-needed', '-ltensorflow_framework', '-ltensorflow', '-lpthread'],
        ...[`-Wl,-rpath,$ORIGIN/${library}`, '-o', `${OP_LIBRARY}.new`],
      ],
      "the world model's ops",
    );
    await compile(
      context,
      [...common, '-O2', ...sourcesIn(join(OP_SOURCES, 'preload')), '-ldl', '-o', `${PRELOAD_ADDON}.new`],
      'the preload addon',
    );
    for (const file of [OP_LIBRARY, PRELOAD_ADDON])
      await rename(join(folder, `${file}.new`), join(folder, file));
    await publishFile(join(folder, STAMP), (path) => writeFile(path, sourcesHash()));
  },
};

function sourcesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.cc'))
    .sort()
    .map((name) => join(folder, name));
}

function sourcesHash(): string {
  const hash = createHash('sha256').update(processorFlags().join(' '));
  for (const name of readdirSync(OP_SOURCES, { recursive: true, encoding: 'utf8' }).sort()) {
    if (/\.(?:cc|h)$/.test(name)) hash.update(name).update(readFileSync(join(OP_SOURCES, name)));
  }
  return hash.digest('hex');
}
