import { existsSync } from 'node:fs';
import { cp, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { BINDING_PATH } from './install-package.js';
import type { SetUpContext, SetUpStep } from './set-up-context.js';

/** Where the binding's package looks for headers and libraries, from the runtime's folder. */
export const DEPS = `${BINDING_PATH}/deps`;

/** The names under which the binding is linked with TensorFlow, beside those that the wheel gives. */
const LINKS: readonly (readonly [name: string, target: string])[] = [
  ['libtensorflow.so', 'libtensorflow_cc.so.2'],
  ['libtensorflow.so.2', 'libtensorflow_cc.so.2'],
  ['libtensorflow_framework.so', 'libtensorflow_framework.so.2'],
];

/** Symbolic links beside the libraries of a wheel. */
export const linkLibraries: SetUpStep = {
  title: 'names of the libraries',
  downloadBytes: 0,
  diskBytes: 0,
  isDone: async ({ folder }) => LINKS.every(([name]) => existsSync(join(folder, DEPS, 'lib', name))),
  run: async ({ folder }) => {
    for (const [name, target] of LINKS) {
      const link = join(folder, DEPS, 'lib', name);
      await rm(link, { force: true });
      await symlink(target, link);
    }
  },
};

/** `include/` and `lib/` of TensorFlow's C library, copied. */
export function copyLibrary(source: string): SetUpStep {
  return {
    title: `include/ and lib/ of ${source}`,
    downloadBytes: 0,
    diskBytes: 400_000_000,
    isDone: async ({ folder }) => existsSync(join(folder, DEPS, 'lib', 'complete.txt')),
    run: async ({ folder }: SetUpContext) => {
      for (const part of ['include', 'lib']) {
        await cp(join(source, part), join(folder, DEPS, part), { recursive: true, verbatimSymlinks: true });
      }
      await cp(join(folder, 'package.json'), join(folder, DEPS, 'lib', 'complete.txt'));
    },
  };
}
