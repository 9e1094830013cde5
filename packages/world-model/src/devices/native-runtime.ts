import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Failure } from '@retail-sim/errors';
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { loadOpLibrary, type OpLibrary, preloadLibraries } from '../kernels/tensorflow/op-library.js';
import { registerTensorflowKernels } from '../kernels/tensorflow/register-tensorflow-kernels.js';
import type { OpenBackend } from './device.js';

// A native runtime is a TensorFlow.js package with its compiled binding and TensorFlow's own library, set up outside
// node_modules of this project by `retail-setup`, one folder for each kind.

export const RUNTIME_KINDS = ['cpu', 'cuda'] as const;
export type RuntimeKind = (typeof RUNTIME_KINDS)[number];

/** Environment variable that names the folder of all native runtimes. */
export const RUNTIMES_VARIABLE = 'RETAIL_SIM_RUNTIMES';

/** Written last when a runtime is set up: without it the folder holds nothing that is complete. */
export const RUNTIME_MANIFEST = 'runtime.json';

/**
 * Key, by `Symbol.for`, of the global that holds this project's tfjs. A runtime takes it from there instead of bringing
 * its own: the folder needs no path into this project, and there is one engine.
 */
export const TFJS_GLOBAL = '@retail-sim/tfjs';

const relativePath = z.string().regex(/^(?!\/)(?!.*\.\.)[\w@./-]+$/, 'a relative path without ..');

export const runtimeManifest = z.object({
  formatVersion: z.literal(1),
  kind: z.enum(RUNTIME_KINDS),
  /** npm package of the binding, `@tensorflow/tfjs-node` or `@tensorflow/tfjs-node-gpu`. */
  package: z.string().min(1),
  packageVersion: z.string().min(1),
  /** Version of the TensorFlow library that it is linked with. */
  tensorflowVersion: z.string().min(1),
  /** Folder of the package, relative to the folder of this file. */
  modulePath: relativePath,
  /** The compiled op library, relative to the folder of this file; absent where TensorFlow's own ops have to do. */
  opLibrary: relativePath.optional(),
  /** Shared libraries to load first, in this order, and the addon that does it; paths relative to the folder of this file. */
  preload: z.object({ addon: relativePath, libraries: z.array(relativePath) }).optional(),
});

export type RuntimeManifest = z.infer<typeof runtimeManifest>;

/** Folder of the native runtimes: the environment's, or `.runtimes` at the root of the workspace. */
export function runtimesFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  return environment[RUNTIMES_VARIABLE] || join(workspaceRoot(), '.runtimes');
}

/** The nearest folder above this file that holds a pnpm workspace; the current folder when there is none. */
function workspaceRoot(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'pnpm-workspace.yaml'))) return folder;
    if (folder === dirname(folder)) return process.cwd();
  }
}

/**
 * Loads the native runtime of a kind and makes its backend, `tensorflow`, the current one.
 *
 * @throws Failure when it isn't set up, was set up in part, or doesn't load
 */
export async function openNativeRuntime(
  kind: RuntimeKind,
  { threads }: { readonly threads: number },
): Promise<OpenBackend & { readonly usesGpu: boolean }> {
  const folder = join(runtimesFolder(), kind);
  const manifest = readRuntimeManifest(folder, kind);
  // TensorFlow reads these once, when its library starts.
  process.env.TF_NUM_INTRAOP_THREADS ??= String(threads);
  process.env.TF_NUM_INTEROP_THREADS ??= '1';
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  // On GPUs TensorFlow multiplies float32 matrices with ten bits of mantissa unless CUDA's libraries are told otherwise.
  process.env.NVIDIA_TF32_OVERRIDE ??= '0';
  supplyRemovedUtilFunctions();
  const opLibrary = loadRuntime(folder, manifest);
  if (!(await tf.setBackend('tensorflow').catch(() => false))) {
    throw new Failure(`the native runtime in ${folder} registered no working 'tensorflow' backend`, {
      remedy: setupCommand(kind),
    });
  }
  // Fixed when the library started, be it for an earlier opening.
  const threadsInUse = Number(process.env.TF_NUM_INTRAOP_THREADS) || threads;
  opLibrary?.setThreads(threadsInUse);
  const unregister = registerTensorflowKernels(opLibrary);
  return {
    backend: 'tensorflow',
    description: [
      `TensorFlow ${manifest.tensorflowVersion} (${manifest.package} ${manifest.packageVersion})`,
      ...(manifest.opLibrary === undefined ? [] : ['own ops']),
      `${threadsInUse} ${threadsInUse === 1 ? 'thread' : 'threads'}`,
    ].join(', '),
    threads: threadsInUse,
    usesGpu: Reflect.get(tf.backend(), 'isUsingGpuDevice') === true,
    close: async () => unregister(), // the library itself stays loaded for the life of the process
  };
}

/** Loads all of a runtime into this process. */
function loadRuntime(
  folder: string,
  { kind, preload, opLibrary, modulePath }: RuntimeManifest,
): OpLibrary | undefined {
  try {
    if (preload !== undefined) {
      preloadLibraries(
        join(folder, preload.addon),
        preload.libraries.map((library) => join(folder, library)),
      );
    }
    const library = opLibrary === undefined ? undefined : loadOpLibrary(join(folder, opLibrary));
    requireQuietly(folder, modulePath);
    return library;
  } catch (cause) {
    throw new Failure(
      `the native runtime in ${folder} doesn't load: ${cause instanceof Error ? cause.message : String(cause)}`,
      { remedy: setupCommand(kind), cause },
    );
  }
}

/** @throws Failure when there is none, or not one of this kind */
export function readRuntimeManifest(folder: string, kind: RuntimeKind): RuntimeManifest {
  const file = join(folder, RUNTIME_MANIFEST);
  if (!existsSync(file)) {
    const what = existsSync(folder)
      ? `${folder} holds a set-up that was not finished`
      : `${folder} is not set up`;
    throw new Failure(what, { remedy: setupCommand(kind) });
  }
  try {
    const manifest = runtimeManifest.parse(JSON.parse(readFileSync(file, 'utf8')));
    if (manifest.kind !== kind) throw new Error(`it is of kind '${manifest.kind}'`);
    return manifest;
  } catch (cause) {
    throw new Failure(`${file} is not a manifest of a '${kind}' runtime`, {
      remedy: setupCommand(kind),
      cause,
    });
  }
}

function setupCommand(kind: RuntimeKind): string {
  return `run \`pnpm retail-setup ${kind}\``;
}

/** Hands this project's tfjs to the runtime, and keeps tfjs from warning about kernels that are registered already. */
function requireQuietly(folder: string, modulePath: string): void {
  Reflect.set(globalThis, Symbol.for(TFJS_GLOBAL), createRequire(import.meta.url)('@tensorflow/tfjs'));
  const production = tf.env().getBool('PROD');
  tf.env().set('PROD', true);
  try {
    createRequire(join(folder, RUNTIME_MANIFEST))(`./${modulePath}`);
  } finally {
    tf.env().set('PROD', production);
  }
}

/** tfjs-node 4.22 calls functions of `node:util` that Node 22 warns about and Node 23 removed. */
function supplyRemovedUtilFunctions(): void {
  const util: object = createRequire(import.meta.url)('node:util');
  const removed: Readonly<Record<string, (value: unknown) => boolean>> = {
    isArray: (value) => Array.isArray(value),
    isBoolean: (value) => typeof value === 'boolean',
    isFunction: (value) => typeof value === 'function',
    isNull: (value) => value === null,
    isNullOrUndefined: (value) => value === null || value === undefined,
    isNumber: (value) => typeof value === 'number',
    isObject: (value) => value !== null && typeof value === 'object',
    isString: (value) => typeof value === 'string',
    isUndefined: (value) => value === undefined,
  };
  for (const [name, test] of Object.entries(removed)) Reflect.set(util, name, test);
}
