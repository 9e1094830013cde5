import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Failure } from '@retail-sim/errors';
import { z } from 'zod';

// The C++ ops of ../../../tensorflow-ops, compiled by `retail-setup` into a native runtime.

/** Interface that these kernels expect of the library; `kVersion` of its addon.cc. */
export const OPS_VERSION = 1;

/** Folder of the library's sources, for whoever compiles it; `preload/` in it is an addon of its own. */
export const OP_SOURCES = fileURLToPath(new URL('../../../tensorflow-ops/', import.meta.url));

export interface OpLibrary {
  /** Threads that the ops use from now on. */
  readonly setThreads: (threads: number) => void;
}

const opAddon = z.object({
  version: z.number(),
  setThreads: z.custom<(threads: number) => void>((value) => typeof value === 'function'),
});

const preloadAddon = z.object({
  preload: z.custom<(path: string) => void>((value) => typeof value === 'function'),
});

/** Loads the compiled library, which registers its ops with the TensorFlow that it is linked with. */
export function loadOpLibrary(file: string): OpLibrary {
  const { version, setThreads } = opAddon.parse(createRequire(import.meta.url)(file));
  if (version !== OPS_VERSION) {
    throw new Failure(`${file} holds version ${version} of the ops, expected ${OPS_VERSION}`, {
      remedy: 'run `pnpm retail-setup cpu` again: it compiles them anew',
    });
  }
  return { setThreads };
}

/** Loads shared libraries without what they print on stderr meanwhile. `addon` is the compiled preload addon. */
export function preloadLibraries(addon: string, libraries: readonly string[]): void {
  const { preload } = preloadAddon.parse(createRequire(import.meta.url)(addon));
  for (const library of libraries) preload(library);
}
