import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@retail-sim/errors';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { processorFlags } from './compiler.js';
import { runtimeSource } from './runtime-source.js';
import { setUpSteps } from './set-up-steps.js';
import { cudaFiles, tensorflowFiles } from './unpack-wheel.js';
import { WHEELS } from './wheel-list.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runtimes-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const titles = (...arguments_: Parameters<typeof setUpSteps>) =>
  setUpSteps(...arguments_).map(({ title }) => title);

describe('the source of a runtime', () => {
  test('is one of two names or a folder that holds something to set up from', () => {
    expect(runtimeSource('pypi', 'cpu')).toEqual({ from: 'pypi' });
    expect(() => runtimeSource(join(folder, 'nowhere'), 'cpu')).toThrow(
      /neither stock nor pypi nor a folder/,
    );
    expect(() => runtimeSource(folder, 'cpu')).toThrow(/holds nothing to set a runtime up from/);
    writeFileSync(join(folder, 'tensorflow_cpu-2.21.0-cp311-cp311-linux_x86_64.whl'), '');
    expect(runtimeSource(folder, 'cpu')).toMatchObject({ from: 'wheels', folder });
    writeFileSync(join(folder, 'runtime.json'), '{}');
    expect(runtimeSource(folder, 'cpu')).toEqual({ from: 'runtime', folder });
  });
});

describe('the steps of a set-up', () => {
  test('download and unpack every wheel before anything is compiled', () => {
    const steps = titles('cuda', { from: 'pypi' });
    const compiled = steps.findIndex((title) => title.includes('compiled'));
    for (const { file, project } of WHEELS.cuda) {
      const fetched = steps.findIndex((title) => title.startsWith(`${project} `));
      const unpacked = steps.indexOf(`libraries and headers of ${file}`);
      expect(fetched).toBeGreaterThanOrEqual(0);
      expect(unpacked).toBeGreaterThan(fetched);
      expect(compiled).toBeGreaterThan(unpacked);
    }
  });

  test('take the wheel of another Python version from a folder, but not another release', () => {
    const wheels = (file: string) => ({ from: 'wheels', folder, files: [file] }) as const;
    expect(() =>
      setUpSteps('cpu', wheels('tensorflow_cpu-2.21.0-cp311-cp311-linux_x86_64.whl')),
    ).not.toThrow();
    expect(() => setUpSteps('cpu', wheels('tensorflow_cpu-2.20.0-cp312-cp312-linux_x86_64.whl'))).toThrow(
      InputError,
    );
  });

  test('are none for a runtime that was finished elsewhere', () => {
    expect(titles('cpu', { from: 'runtime', folder })).toEqual([]);
  });
});

describe('a wheel', () => {
  test('is named with its size and a SHA-256', () => {
    for (const { bytes, sha256, file, version } of [...WHEELS.cpu, ...WHEELS.cuda]) {
      expect(bytes).toBeGreaterThan(1e6);
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(file).toContain(`-${version}-`);
    }
  });

  test("gives the C interface's headers and the two libraries, nothing of Python", () => {
    const placed = [
      'tensorflow/include/tensorflow/c/kernels.h',
      'tensorflow/include/absl/log/globals.h',
      'tensorflow/libtensorflow_cc.so.2',
    ].map(tensorflowFiles);
    expect(placed).toEqual([
      'deps/include/tensorflow/c/kernels.h',
      'deps/include/absl/log/globals.h',
      'deps/lib/libtensorflow_cc.so.2',
    ]);
    for (const name of [
      'tensorflow/python/keras/__init__.py',
      'tensorflow/include/Eigen/Core',
      'tensorflow/../../libtensorflow_cc.so.2',
      'tensorflow/include/../../../etc/passwd.h',
    ]) {
      expect(tensorflowFiles(name)).toBeUndefined();
    }
    expect(cudaFiles('nvidia/cublas/lib/libcublas.so.12')).toBe('deps/cuda/libcublas.so.12');
    expect(cudaFiles('nvidia/cublas/include/cublas.h')).toBeUndefined();
  });
});

test('the compiler is told of vector units that the processor has, and of no other', () => {
  expect(processorFlags(new Set(['sse4_2', 'avx']))).toEqual([]);
  expect(processorFlags(new Set(['avx2', 'fma']))).toEqual(['-mavx2', '-mfma', '-mbmi2']);
  expect(processorFlags(new Set(['avx2', 'fma', 'avx512f']))).not.toContain('-mavx512f');
  expect(processorFlags(new Set(['avx2', 'fma', 'avx512f', 'avx512bw', 'avx512dq', 'avx512vl']))).toContain(
    '-mavx512vl',
  );
});
