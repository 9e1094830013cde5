import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '@retail-sim/errors';
import { TFJS_GLOBAL } from '@retail-sim/world-model';
import { z } from 'zod';
import { lastLines, runTool, type ToolRun } from './run-tool.js';
import type { SetUpContext, SetUpStep } from './set-up-context.js';

export const BINDING_PACKAGE = '@tensorflow/tfjs-node';
export const BINDING_VERSION = '4.22.0';

/** Folder of the package in a runtime. One package serves both kinds: the library that it is linked with decides. */
export const BINDING_PATH = `node_modules/${BINDING_PACKAGE}`;

/** Packages that the binding's package must share with this project: it would install tfjs a second time. */
const SHARED = ['tfjs', 'tfjs-core'] as const;

/** Installs the package of the TensorFlow.js binding into the runtime's folder, by npm and with its scripts off. */
export const installPackage: SetUpStep = {
  title: `${BINDING_PACKAGE} ${BINDING_VERSION} from npm, its scripts off`,
  downloadBytes: 3_000_000,
  diskBytes: 9_000_000,
  isDone: async ({ folder }) => installedVersion(folder) === BINDING_VERSION,
  run: async (context) => {
    await writePackages(context.folder);
    await npmInstall(context, ['--ignore-scripts']);
  },
};

/** The same with the package's own installer, which downloads TensorFlow's C library 2.9.1 and a compiled binding. */
export const installStockPackage: SetUpStep = {
  title: `${BINDING_PACKAGE} ${BINDING_VERSION} from npm, by its own installer`,
  downloadBytes: 120_000_000,
  diskBytes: 400_000_000,
  isDone: async ({ folder }) =>
    installedVersion(folder) === BINDING_VERSION &&
    existsSync(join(folder, BINDING_PATH, 'lib', 'napi-v8', 'tfjs_binding.node')),
  run: async (context) => {
    await writePackages(context.folder);
    await npmInstall(context, ['--foreground-scripts']);
  },
};

/** `undefined` when npm has not finished installing. */
function installedVersion(folder: string): string | undefined {
  try {
    if (!existsSync(join(folder, 'node_modules', '.package-lock.json'))) return undefined;
    const text = readFileSync(join(folder, BINDING_PATH, 'package.json'), 'utf8');
    return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
  } catch {
    return undefined;
  }
}

async function writePackages(folder: string): Promise<void> {
  for (const name of SHARED) {
    await mkdir(join(folder, 'shared', name), { recursive: true });
    await writeFile(
      join(folder, 'shared', name, 'package.json'),
      JSON.stringify({ name: `@tensorflow/${name}`, version: BINDING_VERSION, main: 'index.js' }),
    );
    await writeFile(join(folder, 'shared', name, 'index.js'), SHARED_MODULE);
  }
  const links = Object.fromEntries(SHARED.map((name) => [`@tensorflow/${name}`, `file:./shared/${name}`]));
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({
      private: true,
      dependencies: { [BINDING_PACKAGE]: BINDING_VERSION, ...links },
      overrides: { '@tensorflow/tfjs': '$@tensorflow/tfjs' },
    }),
  );
}

/** The engine is the one of the program that loads the runtime, so the folder may lie, or be moved, anywhere. */
const SHARED_MODULE = `const tfjs = globalThis[Symbol.for('${TFJS_GLOBAL}')];
if (tfjs === undefined) throw new Error('this runtime is loaded by @retail-sim/world-model only');
module.exports = tfjs;
`;

async function npmInstall({ folder, log, signal }: SetUpContext, flags: readonly string[]): Promise<void> {
  const result = await runTool(
    'npm',
    // A cache of its own: nothing outside the folder changes.
    [
      'install',
      '--no-audit',
      '--no-fund',
      '--no-package-lock',
      '--cache',
      join(folder, 'npm-cache'),
      ...NETWORK,
      ...flags,
    ],
    { folder, signal, onLine: log.detail },
  );
  if (result.code === 0) return;
  const reason = result.code === undefined ? 'npm is not on the PATH' : npmReason(result);
  throw new Failure(`${BINDING_PACKAGE} can't be installed: ${reason}`, {
    remedy: flags.includes('--ignore-scripts')
      ? "check the network and npm's registry setting; without a network, use --from DIR with a folder .runtimes that was set up on another machine"
      : "the package's installer needs hosts that many networks block: use --from pypi",
  });
}

/** npm's own words, without its prefix and the place of its log. */
function npmReason(result: ToolRun): string {
  const text = `${result.stdout}\n${result.stderr}`.replaceAll(/^npm (?:error|ERR!) /gm, '');
  return /request to .* failed.*$/m.exec(text)?.[0] ?? lastLines(result);
}

/** A missing network is an answer in seconds, not minutes. */
const NETWORK = ['--fetch-retries', '0', '--fetch-timeout', '20000'];
