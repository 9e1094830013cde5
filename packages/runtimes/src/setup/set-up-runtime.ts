import { existsSync } from 'node:fs';
import { cp, mkdir, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lockFolder, publishFile } from '@retail-sim/artifacts';
import { formatBytes } from '@retail-sim/cli';
import { Failure, InputError } from '@retail-sim/errors';
import {
  RUNTIME_MANIFEST,
  type RuntimeKind,
  type RuntimeManifest,
  readRuntimeManifest,
} from '@retail-sim/world-model';
import { buildOps, OP_LIBRARY, PRELOAD_ADDON } from './build-ops.js';
import { findCompiler } from './compiler.js';
import { BINDING_PACKAGE, BINDING_PATH, BINDING_VERSION } from './install-package.js';
import type { RuntimeSource } from './runtime-source.js';
import { selfTest } from './self-test.js';
import type { SetUpContext, SetUpStep } from './set-up-context.js';
import { librariesToPreload, setUpSteps } from './set-up-steps.js';
import { TENSORFLOW_VERSION } from './wheel-list.js';

/** Folder of the set-ups that are not finished, beside the finished runtimes. */
export const PARTIAL = 'partial';

export interface SetUpOptions extends Omit<SetUpContext, 'folder'> {
  /** Folder of all runtimes. */
  readonly runtimes: string;
  /** Only say what would be done. */
  readonly dryRun: boolean;
  /** Build anew what is there and works. */
  readonly force: boolean;
}

export interface SetUpResult {
  readonly kind: RuntimeKind;
  readonly folder: string;
  /** What this run did; with `dryRun`, would do. */
  readonly steps: readonly { readonly title: string; readonly done: boolean }[];
  readonly downloadBytes: number;
  readonly diskBytes: number;
  /** What the self-test says of the finished runtime; absent with `dryRun`. */
  readonly engine: string | undefined;
}

/**
 * Sets a runtime up in `<runtimes>/partial/<kind>`, tests it there, and renames the folder to `<runtimes>/<kind>` when it
 * works: a runtime that is there is always a whole one. What an earlier run has finished is kept.
 *
 * @throws InputError, Failure with what went wrong and what to do
 */
export async function setUpRuntime(options: SetUpOptions): Promise<SetUpResult> {
  const { kind, source, runtimes, dryRun, force, log, signal } = options;
  refuseOtherPlatforms(kind, source);
  const finished = join(runtimes, kind);
  if (!force && existsSync(join(finished, RUNTIME_MANIFEST))) {
    return refresh(options, finished);
  }
  const context: SetUpContext = { ...options, folder: join(runtimes, PARTIAL, kind) };
  const plan = await planOf(context);
  const missing = plan.filter(({ done }) => !done).map(({ step }) => step);
  const sizes = { downloadBytes: sum(missing, 'downloadBytes'), diskBytes: sum(missing, 'diskBytes') };
  const report = {
    kind,
    folder: finished,
    steps: plan.map(({ step, done }) => ({ title: step.title, done })),
    ...sizes,
  };
  if (dryRun) return { ...report, engine: undefined };
  log.info(
    `${formatBytes(sizes.downloadBytes)} to download, ${formatBytes(sizes.diskBytes)} on disk in ${finished}`,
  );
  if (source.from !== 'runtime') await findCompiler();
  await refuseFullDisk(runtimes, sizes.downloadBytes + sizes.diskBytes);
  await using _lock = await lockFolder(join(runtimes, PARTIAL), 'retail-setup');
  if (source.from === 'runtime') {
    readRuntimeManifest(source.folder, kind); // before anything is copied
    await copyFinished(source.folder, context.folder);
  } else {
    await mkdir(context.folder, { recursive: true });
    for (const { step, done } of plan) {
      signal.throwIfAborted();
      if (done) {
        log.info(`kept: ${step.title}`);
        continue;
      }
      log.info(step.title);
      await step.run(context);
    }
    await writeManifest(context);
  }
  log.info('self-test');
  const engine = await selfTest(kind, join(runtimes, PARTIAL), signal);
  await rm(join(context.folder, 'npm-cache'), { recursive: true, force: true });
  await rm(join(context.folder, 'downloads'), { recursive: true, force: true });
  await replaceFolder(context.folder, finished);
  return { ...report, engine };
}

/** A finished runtime stays as it is, but for the ops, whose sources change with the world model. */
async function refresh(options: SetUpOptions, finished: string): Promise<SetUpResult> {
  const { kind, runtimes, dryRun, log, signal } = options;
  const manifest = readRuntimeManifest(finished, kind);
  const context: SetUpContext = { ...options, folder: finished };
  const upToDate = manifest.opLibrary === undefined || (await buildOps.isDone(context));
  const report = {
    kind,
    folder: finished,
    steps: [{ title: buildOps.title, done: upToDate }],
    downloadBytes: 0,
    diskBytes: upToDate ? 0 : buildOps.diskBytes,
  };
  if (dryRun) return { ...report, engine: undefined };
  if (!upToDate) {
    log.info(buildOps.title);
    await buildOps.run(context);
  }
  return { ...report, engine: await selfTest(kind, runtimes, signal) };
}

async function planOf(
  context: SetUpContext,
): Promise<{ readonly step: SetUpStep; readonly done: boolean }[]> {
  const plan = [];
  // A step after one that is not done starts afresh as well: it may have been done with something else.
  let kept = true;
  for (const step of setUpSteps(context.kind, context.source)) {
    kept = kept && (await step.isDone(context));
    plan.push({ step, done: kept });
  }
  return plan;
}

async function writeManifest({ kind, source, folder }: SetUpContext): Promise<void> {
  const manifest: RuntimeManifest = {
    formatVersion: 1,
    kind,
    package: BINDING_PACKAGE,
    packageVersion: BINDING_VERSION,
    tensorflowVersion: source.from === 'pypi' || source.from === 'wheels' ? TENSORFLOW_VERSION : '2.9.1',
    modulePath: BINDING_PATH,
    // The ops compute on the CPU.
    ...(kind === 'cpu' ? { opLibrary: OP_LIBRARY } : {}),
    preload: { addon: PRELOAD_ADDON, libraries: [...librariesToPreload(folder)] },
  };
  await publishFile(join(folder, RUNTIME_MANIFEST), (path) =>
    writeFile(path, `${JSON.stringify(manifest, undefined, 2)}\n`),
  );
}

async function copyFinished(source: string, target: string): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await cp(source, target, { recursive: true, verbatimSymlinks: true });
}

/** The old folder goes only when the new one has its name. */
async function replaceFolder(from: string, to: string): Promise<void> {
  const old = `${to}.old`;
  await rm(old, { recursive: true, force: true });
  if (existsSync(to)) await rename(to, old);
  await rename(from, to);
  await rm(old, { recursive: true, force: true });
}

function refuseOtherPlatforms(kind: RuntimeKind, source: RuntimeSource): void {
  const platform = `${process.platform} ${process.arch}`;
  if (kind === 'cuda' && source.from === 'stock') {
    throw new InputError({
      what: "the stock package's CUDA library (TensorFlow 2.9.1, CUDA 11.2) knows no GPU newer than Ampere",
      remedy: 'use --from pypi',
    });
  }
  if (source.from === 'stock' || platform === 'linux x64') return;
  throw new InputError({
    what: `native runtimes are set up from ${source.from} on Linux x64 only; this is ${platform}`,
    remedy:
      kind === 'cpu' ? 'use --from stock, or --device wasm, which needs nothing' : 'use --device webgpu',
  });
}

async function refuseFullDisk(folder: string, needed: number): Promise<void> {
  let existing = folder;
  while (!existsSync(existing)) existing = dirname(existing);
  const { bavail, bsize } = await statfs(existing);
  if (bavail * bsize >= needed) return;
  throw new Failure(
    `${folder} has ${formatBytes(bavail * bsize)} free, the set-up takes ${formatBytes(needed)}`,
    {
      remedy: 'make room, or name another folder in RETAIL_SIM_RUNTIMES',
    },
  );
}

const sum = (steps: readonly SetUpStep[], size: 'downloadBytes' | 'diskBytes'): number =>
  steps.reduce((total, step) => total + step[size], 0);
