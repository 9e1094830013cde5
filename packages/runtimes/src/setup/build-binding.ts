import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { compile, NODE_API_HEADERS, NODE_API_VERSION } from './compiler.js';
import { BINDING_PATH } from './install-package.js';
import { DEPS } from './link-libraries.js';
import type { SetUpStep } from './set-up-context.js';

const BINDING = join(BINDING_PATH, 'lib', `napi-v${NODE_API_VERSION}`, 'tfjs_binding.node');

/** Compiles the binding from the sources in its own package, against the libraries that were laid out there. */
export const buildBinding: SetUpStep = {
  title: "binding, compiled from the package's sources",
  downloadBytes: 0,
  diskBytes: 1_000_000,
  isDone: async ({ folder }) => existsSync(join(folder, BINDING)),
  run: async (context) => {
    const target = join(context.folder, BINDING);
    await mkdir(join(target, '..'), { recursive: true });
    await compile(
      context,
      [
        ...['-shared', '-fPIC', '-O2', '-std=c++17', '-w', `-DNAPI_VERSION=${NODE_API_VERSION}`],
        ...[`-I${NODE_API_HEADERS}`, `-I${BINDING_PATH}`, `-I${DEPS}/include`],
        ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => `${BINDING_PATH}/binding/${name}`),
        ...[`-L${DEPS}/lib`, '-ltensorflow', '-ltensorflow_framework', '-Wl,-rpath,$ORIGIN/../../deps/lib'],
        ...['-o', `${BINDING}.new`],
      ],
      'the TensorFlow.js binding',
    );
    await rename(`${target}.new`, target);
  },
};
