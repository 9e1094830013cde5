import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { publishFile } from '@retail-sim/artifacts';
import { Failure } from '@retail-sim/errors';
import * as yauzl from 'yauzl';
import type { SetUpContext, SetUpStep } from './set-up-context.js';

/** Which files of a wheel a runtime needs, and where they go; `undefined` leaves a file out. */
type Placement = (name: string) => string | undefined;

/** Folders of the headers that the binding and the ops include: TensorFlow's C interface and what that includes. */
const HEADERS = [
  'tensorflow/c/',
  'tensorflow/core/common_runtime/next_pluggable_device/c/',
  'tensorflow/core/platform/ctstring',
  'tsl/platform/',
  'xla/tsl/c/',
  'absl/',
];

/** Headers and libraries of TensorFlow, in the layout that its binding is linked against: `deps/include`, `deps/lib`. */
export const tensorflowFiles: Placement = (name) => {
  const header = /^tensorflow\/include\/((?:[\w-]+\/)*[\w.-]+\.(?:h|inc))$/.exec(name)?.[1];
  if (header !== undefined && HEADERS.some((start) => header.startsWith(start))) {
    return join('deps', 'include', header);
  }
  const library = /^tensorflow\/(libtensorflow_(?:cc|framework)\.so\.2)$/.exec(name)?.[1];
  return library === undefined ? undefined : join('deps', 'lib', library);
};

/** Libraries of CUDA, all in one folder. */
export const cudaFiles: Placement = (name) => {
  const library = /^nvidia\/\w+\/lib\/(lib[^/]+\.so[^/]*)$/.exec(name)?.[1];
  return library === undefined ? undefined : join('deps', 'cuda', library);
};

/** Unpacks what a runtime needs of a wheel; a stamp, written last, names the wheel. */
export function unpackWheel(
  name: string,
  placement: Placement,
  details: {
    readonly find: (context: SetUpContext) => string;
    readonly target: string;
    readonly diskBytes: number;
  },
): SetUpStep & { readonly isDone: (context: SetUpContext) => Promise<boolean> } {
  const stampOf = ({ folder }: SetUpContext) => join(folder, 'unpacked', `${name}.txt`);
  return {
    title: `libraries and headers of ${name}`,
    downloadBytes: 0,
    diskBytes: details.diskBytes,
    isDone: async (context) =>
      (await stamp(stampOf(context))) === name && existsSync(join(context.folder, details.target)),
    run: async (context) => {
      const wheel = details.find(context);
      const files = await extract(wheel, join(context.folder, details.target), placement, context);
      if (files === 0) {
        throw new Failure(`${wheel} holds none of the files that a runtime needs`, {
          remedy: 'use the wheels that `retail-setup --dry-run` lists',
        });
      }
      await publishFile(stampOf(context), (path) => writeFile(path, name));
      if (dirname(wheel) === join(context.folder, 'downloads')) await rm(wheel);
    },
  };
}

async function stamp(path: string): Promise<string | undefined> {
  return existsSync(path) ? readFile(path, 'utf8') : undefined;
}

async function extract(
  wheel: string,
  target: string,
  placement: Placement,
  context: SetUpContext,
): Promise<number> {
  const zip = await openZip(wheel);
  const task = context.progress.task(`unpacking ${basename(wheel)}`, undefined, 'files');
  let files = 0;
  try {
    for await (const entry of entriesOf(zip)) {
      context.signal.throwIfAborted();
      const place = placement(entry.fileName);
      if (place === undefined) continue;
      const path = join(target, place);
      await mkdir(dirname(path), { recursive: true });
      await pipeline(await readEntry(zip, entry), createWriteStream(path, { mode: 0o644 }));
      files += 1;
      task.advance(1);
    }
  } finally {
    zip.close();
    task.done();
  }
  return files;
}

function openZip(path: string): Promise<yauzl.ZipFile> {
  return new Promise((resolve, reject) => {
    yauzl.open(path, { lazyEntries: true, autoClose: false }, (error, zip) => {
      if (error === null) resolve(zip);
      else {
        reject(
          new Failure(`${path} is not a complete wheel: ${error.message}`, {
            remedy: 'remove it and run this again',
            cause: error,
          }),
        );
      }
    });
  });
}

async function* entriesOf(zip: yauzl.ZipFile): AsyncGenerator<yauzl.Entry> {
  for (let left = zip.entryCount; left > 0; left--) {
    yield await new Promise<yauzl.Entry>((resolve, reject) => {
      zip.once('entry', resolve);
      zip.once('error', reject);
      zip.readEntry();
    });
    zip.removeAllListeners('error');
  }
}

function readEntry(zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<NodeJS.ReadableStream> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => (error === null ? resolve(stream) : reject(error)));
  });
}
