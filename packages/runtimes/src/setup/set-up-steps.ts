import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@retail-sim/errors';
import type { RuntimeKind } from '@retail-sim/world-model';
import { buildBinding } from './build-binding.js';
import { buildOps } from './build-ops.js';
import { downloadsFolder, fetchWheel } from './fetch-wheels.js';
import { BINDING_PATH, installPackage, installStockPackage } from './install-package.js';
import { copyLibrary, linkLibraries } from './link-libraries.js';
import type { RuntimeSource } from './runtime-source.js';
import type { SetUpContext, SetUpStep } from './set-up-context.js';
import { cudaFiles, tensorflowFiles, unpackWheel } from './unpack-wheel.js';
import { WHEELS, type Wheel } from './wheel-list.js';

/** Share of a wheel's size that its libraries take unpacked; measured on TensorFlow's and NVIDIA's. */
const UNPACKED = { tensorflow: 3.4, cuda: 1.6 };

/** What it takes to set a runtime up, in order. A runtime that is finished elsewhere takes no steps. */
export function setUpSteps(kind: RuntimeKind, source: RuntimeSource): readonly SetUpStep[] {
  switch (source.from) {
    case 'stock':
      return [installStockPackage, buildOps];
    case 'pypi':
      return [installPackage, ...WHEELS[kind].flatMap(fetchAndUnpack), linkLibraries, ...builds(kind)];
    case 'wheels':
      return [
        installPackage,
        ...WHEELS[kind].map((wheel) => unpackFrom(source, wheel)),
        linkLibraries,
        ...builds(kind),
      ];
    case 'library':
      return [installPackage, copyLibrary(source.folder), buildBinding, buildOps];
    case 'runtime':
      return [];
  }
}

function builds(_kind: RuntimeKind): readonly SetUpStep[] {
  return [buildBinding, buildOps];
}

function fetchAndUnpack(wheel: Wheel): readonly SetUpStep[] {
  const unpack = unpackStep(wheel, ({ folder }) => join(downloadsFolder(folder), wheel.file));
  return [fetchWheel(wheel, unpack.isDone), unpack];
}

/** A wheel of another Python version has the same libraries; another release does not. */
function unpackFrom(source: Extract<RuntimeSource, { from: 'wheels' }>, wheel: Wheel): SetUpStep {
  const start = `${wheel.project.replaceAll('-', '_')}-${wheel.version}-`;
  const file =
    source.files.find((name) => name === wheel.file) ?? source.files.find((name) => name.startsWith(start));
  if (file === undefined) {
    throw new InputError({
      what: `${source.folder} has no wheel of ${wheel.project} ${wheel.version}`,
      remedy: `put ${wheel.file} there, from a machine with a network: pip download --no-deps ${wheel.project}==${wheel.version}`,
    });
  }
  return unpackStep(wheel, () => join(source.folder, file));
}

function unpackStep(wheel: Wheel, find: (context: SetUpContext) => string): SetUpStep {
  const tensorflow = wheel.project.startsWith('tensorflow');
  return unpackWheel(wheel.file, tensorflow ? tensorflowFiles : cudaFiles, {
    find,
    target: BINDING_PATH,
    diskBytes: Math.round(wheel.bytes * (tensorflow ? UNPACKED.tensorflow : UNPACKED.cuda)),
  });
}

/** Libraries that have to be loaded before TensorFlow's, so that it finds them: relative to the runtime's folder. */
export function librariesToPreload(folder: string): readonly string[] {
  const cuda = join(BINDING_PATH, 'deps', 'cuda');
  const present = existsSync(join(folder, cuda)) ? readdirSync(join(folder, cuda)) : [];
  const framework = join(BINDING_PATH, 'deps', 'lib', 'libtensorflow_framework.so.2');
  return [
    ...CUDA_ORDER.flatMap((start) => present.filter((name) => name.startsWith(`${start}.so`))).map((name) =>
      join(cuda, name),
    ),
    ...(existsSync(join(folder, framework)) ? [framework] : []),
  ];
}

/** CUDA's libraries, each after those that it needs. */
const CUDA_ORDER = [
  'libnvJitLink',
  'libcudart',
  'libcublasLt',
  'libcublas',
  'libcufft',
  'libcurand',
  'libcusparse',
  'libcusolver',
  'libcupti',
  'libnccl',
  'libcudnn',
];
