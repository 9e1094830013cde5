import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { counterTensor, counterUniform, fnv1a32 } from '@retail-sim/random';
import { z } from 'zod';

// Reader of golden vectors; fixtures/README.md describes their form. Used by tests only.

const FIXTURES = new URL('../../fixtures/', import.meta.url);
/** Beside the project, on machines that have it. */
const SHARED = new URL('../../../../../shared/golden/model/', import.meta.url);

const generator = z.object({
  seed: z.string(),
  scale: z.number(),
  base: z.union([z.number(), z.literal('log_n_plus_1')]),
});

const tensorEntry = z.object({
  role: z.string(),
  dtype: z.enum(['f32', 'i32']),
  shape: z.array(z.number()),
  offset: z.number().optional(),
  nbytes: z.number().optional(),
  gen: generator.optional(),
});

const caseFile = z.object({
  config: z.record(z.string(), z.unknown()).default({}),
  scalars: z.record(z.string(), z.unknown()).default({}),
  tensors: z.record(z.string(), tensorEntry).default({}),
  grad_l2: z.record(z.string(), z.number()).default({}),
  grad_sum: z.record(z.string(), z.number()).default({}),
  parameter_count: z.number().optional(),
});

export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

export interface GoldenCase {
  readonly scalars: Readonly<Record<string, unknown>>;
  /** A size of the case, e.g. `B`. */
  readonly size: (name: string) => number;
  readonly tensor: (name: string) => GoldenTensor;
  readonly floats: (name: string) => Float32Array;
  readonly integers: (name: string) => Int32Array;
  /** Names of tensors by role: input, weight, mid, output, grad, updated. */
  readonly names: (role: string) => readonly string[];
  /** L2 norm of each parameter's gradient, at full size. */
  readonly gradientNorms: Readonly<Record<string, number>>;
  readonly parameterCount: number | undefined;
}

/** Whether a case is shipped or lies beside the project. */
export function hasGoldenCase(name: string): boolean {
  return folderOf(name) !== undefined;
}

/** Parsed JSON of a case without tensors. */
export function goldenJson(name: string): unknown {
  const folder = folderOf(name);
  if (folder === undefined) throw new Error(`no golden case '${name}'`);
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'));
}

export function goldenCase(name: string): GoldenCase {
  const header = caseFile.parse(goldenJson(name));
  const bytes = readFileSync(new URL(`${name}.bin`, folderOf(name)));
  const tensor = (tensorName: string): GoldenTensor => {
    const entry = header.tensors[tensorName];
    if (entry === undefined) throw new Error(`${name} has no tensor '${tensorName}'`);
    return { shape: entry.shape, values: valuesOf(entry, bytes) };
  };
  return {
    scalars: header.scalars,
    size: (size) => z.number().parse(header.config[size]),
    tensor,
    floats: (tensorName) => Float32Array.from(tensor(tensorName).values),
    integers: (tensorName) => Int32Array.from(tensor(tensorName).values),
    names: (role) =>
      Object.entries(header.tensors)
        .filter(([, entry]) => entry.role === role)
        .map(([tensorName]) => tensorName),
    gradientNorms: header.grad_l2,
    parameterCount: header.parameter_count,
  };
}

/** Largest absolute difference; infinite where lengths differ or a value isn't a number. */
export function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs((actual[i] ?? Number.NaN) - (expected[i] ?? Number.NaN));
    if (!(difference <= worst)) worst = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
  return worst;
}

/** Largest difference relative to the largest expected value, which counts as at least `floor`. */
export function relativeDifference(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  floor = 0.01,
): number {
  let scale = floor;
  for (let i = 0; i < expected.length; i++) scale = Math.max(scale, Math.abs(expected[i] ?? 0));
  return largestDifference(actual, expected) / scale;
}

function folderOf(name: string): URL | undefined {
  return [FIXTURES, SHARED].find((folder) => existsSync(fileURLToPath(new URL(`${name}.json`, folder))));
}

function valuesOf(
  { dtype, shape, offset, nbytes, gen }: z.infer<typeof tensorEntry>,
  bytes: Buffer,
): Float32Array | Int32Array {
  if (gen !== undefined) return generated(gen, shape);
  const slice = Uint8Array.from(bytes.subarray(offset ?? 0, (offset ?? 0) + (nbytes ?? 0)));
  return dtype === 'f32' ? new Float32Array(slice.buffer) : new Int32Array(slice.buffer);
}

function generated({ seed, scale, base }: z.infer<typeof generator>, shape: readonly number[]): Float32Array {
  const length = shape.reduce((product, axis) => product * axis, 1);
  if (base !== 'log_n_plus_1') return counterTensor(seed, length, scale, base);
  const columns = shape.at(-1) ?? 1;
  // The sum is rounded once, as the generator does.
  const name = fnv1a32(seed);
  return Float32Array.from(
    { length },
    (_, i) => (2 * counterUniform(name, i) - 1) * scale + Math.log((i % columns) + 1),
  );
}
